"""Obituary tokens: good, harmless, private; signed by keys of every kind, in files and in OpenBao."""

from __future__ import annotations

import base64
import json
import stat
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, OctKey, OKPKey, RSAKey
from tests.servers.fixtures import openbao  # noqa: F401
from tests.servers.openbao import OpenBao

from haechi.identity import honey
from haechi.identity.interface import Asking
from haechi.identity.probes.web import Reply, Web
from haechi.identity.token_keys import FileKey, TransitKey
from haechi.identity.tokens import FOLDER, ISSUED, Minted, Obituary, keep, kept, mint, probes
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings
from haechi.workspace.load import Workspace, load

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ORDER = Obituary("login", "old-1", timedelta(days=3650), audience="shop", extra={"tenant": "kr", "sub": "x"})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    text = "".join(
        f'[[system]]\nname = "{name}"\nkind = "{kind}"\nurl = "https://{name}.example"\n'
        for name, kind in (("app", "gateway"), ("web", "gateway"), ("vault", "openbao"))
    )
    (tmp_path / "haechi.toml").write_text(text)
    return load(tmp_path)


KEYS: list[tuple[str, Any, str]] = [
    ("P-256", ECKey.generate_key("P-256"), "ES256"),
    ("P-384", ECKey.generate_key("P-384"), "ES384"),
    ("RSA", RSAKey.generate_key(2048), "RS256"),
    ("Ed25519", OKPKey.generate_key("Ed25519"), "EdDSA"),
]


@pytest.mark.parametrize(("name", "key", "algorithm"), KEYS, ids=[name for name, _, _ in KEYS])
@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_a_key_of_any_kind_signs(tmp_path: Path, name: str, key: Any, algorithm: str, form: str) -> None:
    file = tmp_path / "key"
    if form == "pem":
        file.write_bytes(key.as_pem(private=True))
    else:
        file.write_text(json.dumps(key.as_dict(private=True)))
    signer = FileKey.open(file)
    minted = mint(ORDER, signer, NOW)
    read = jwt.decode(minted.token, key, [algorithm])
    assert read.header == {"alg": algorithm, "kid": "old-1", "typ": "JWT"}
    assert {k: v for k, v in read.claims.items() if k != "jti"} == {
        "iss": "login", "sub": "haechi-obituary", "aud": "shop", "scope": "", "tenant": "kr",
        "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 3650 * 86400,
    }  # fmt: skip
    assert minted.token not in repr(minted)
    assert "PRIVATE" not in repr(signer)


def test_a_shared_secret_signs_too(tmp_path: Path) -> None:
    key = OctKey.generate_key(256)
    (tmp_path / "key").write_text(json.dumps(key.as_dict(private=True)))
    assert jwt.decode(mint(ORDER, FileKey.open(tmp_path / "key"), NOW).token, key, ["HS256"])


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"{", b"[1]", b'{"kty": "EC"}', ECKey.generate_key("P-256").as_pem(private=False)],
)
def test_what_is_no_private_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(IdentityError, match="no private key"):
        FileKey.open(tmp_path / "key")


@pytest.mark.parametrize("kind", ["ecdsa-p256", "rsa-2048", "ed25519"])
def test_openbao_signs_and_keeps_its_key(openbao: OpenBao, kind: str) -> None:  # noqa: F811
    path = f"transit/keys/mint-{kind}"
    openbao.call("POST", path, {"type": kind})
    openbao.call("POST", f"{path}/rotate")
    system = SystemSettings("vault", "openbao", openbao.url, "env:X")
    asking = Asking(lambda reference: openbao.root.encode(), Path("/"), 10, NOW)
    keys = openbao.call("GET", path)["data"]["keys"]
    for version in ("1", "2"):
        token = mint(ORDER, TransitKey.open(system, asking, path, int(version)), NOW).token
        assert jwt.decode(token, public(keys[version]["public_key"]), ["ES256", "RS256", "EdDSA"])


def public(text: str) -> Any:
    """A public key as OpenBao tells it: PEM, or base64 of the bytes of an Ed25519 key."""
    if not text.startswith("-----"):
        raw = base64.urlsafe_b64encode(base64.b64decode(text)).rstrip(b"=").decode()
        return JWKRegistry.import_key({"kty": "OKP", "crv": "Ed25519", "x": raw})
    kind = RSAKey if len(text) > 300 else ECKey
    return kind.import_key(text)


def minted(kid: str = "old-1", token: str = "a.b.c") -> Minted:
    return Minted(kid, token, {"kid": kid, "jti": token})


def test_only_its_owner_may_read_it(workspace: Workspace) -> None:
    file = keep(workspace, minted())
    for path, mode in ((file, 0o600), (file.parent, 0o700), (file.parent / ISSUED, 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode
    assert file.read_text() == "a.b.c"


@pytest.mark.parametrize("kid", ["plain", "2024/05", "..", "한글", "a b", ".jwt", "x" * 190])
def test_each_gateway_is_asked_about_each_key(workspace: Workspace, kid: str) -> None:
    keep(workspace, minted(kid))
    assert list(kept(workspace)) == [kid]
    asked = probes(workspace)
    assert [(probe.system, probe.kind, probe.target) for probe in asked] == [
        ("app", "gateway", kid),
        ("web", "gateway", kid),
    ]
    assert (workspace.root / asked[0].credential.removeprefix("file:")).read_text() == "a.b.c"
    assert not [path for path in workspace.root.iterdir() if path.name not in ("haechi.toml", FOLDER)]


def test_a_kid_that_is_too_long_is_refused(workspace: Workspace) -> None:
    with pytest.raises(IdentityError, match="too long"):
        keep(workspace, minted("x" * 201))


def test_a_newer_token_replaces_an_older_and_both_are_on_record(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    made = [mint(ORDER, FileKey.open(tmp_path / "key"), NOW) for _ in range(2)]
    file = keep(workspace, made[0])
    with pytest.raises(IdentityError, match="already"):
        keep(workspace, made[1])
    assert file.read_text() == made[0].token
    keep(workspace, made[1], replace=True)
    assert file.read_text() == made[1].token
    records = [json.loads(line) for line in (file.parent / ISSUED).read_text().splitlines()]
    assert [record["seq"] for record in records] == [1, 2]
    assert [record["token_sha256"] for record in records] == [
        sha256(one.token.encode()).hexdigest() for one in made
    ]


@pytest.mark.parametrize("algorithm", honey.ALGORITHMS)
def test_a_honey_key_looks_like_any_other(tmp_path: Path, algorithm: str) -> None:
    made = honey.make("", algorithm)
    honey.put(made, tmp_path / "bait")
    assert stat.S_IMODE((tmp_path / "bait").stat().st_mode) == 0o600
    assert not {"d", "p", "q"} & made.public.keys()
    assert (made.public["use"], made.public["alg"]) == ("sig", algorithm)
    token = mint(ORDER, FileKey.open(tmp_path / "bait"), NOW).token
    assert jwt.decode(token, JWKRegistry.import_key(made.public), [algorithm])
    with pytest.raises(IdentityError, match="cannot be written"):
        honey.put(made, tmp_path / "bait")


def test_a_signature_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"data": {"signature": "vault:v1:abcde", "type": "ed25519"}}
    monkeypatch.setattr(Web, "ask", lambda *words, **more: Reply(200, {}, json.dumps(said).encode()))
    asking = Asking(lambda reference: b"", tmp_path, 1, datetime.now(UTC))
    system = SystemSettings("vault", "openbao", "https://vault.example")
    key = TransitKey.open(system, asking, "transit/keys/login")
    with pytest.raises(IdentityError, match="not base64"):
        key.sign(b"x")
