"""`haechi verify` as a person or a program runs it."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.proof.evidence import KEY, SignedShop

from haechi.cli.main import run
from haechi.evidence.signer import make_key
from haechi.evidence.vkey import COSIGNATURE, Vkey
from haechi.evidence.witness.client import submit
from haechi.evidence.witness.cosigned import keep
from haechi.evidence.witness.memory import Memory
from haechi.evidence.witness.server import WitnessServer
from haechi.evidence.witness.witness import Witness
from haechi.model.settings import WitnessSettings
from haechi.proof.verify_store_terminal import SHOWN
from haechi.store import layout

Verify = Callable[..., tuple[int, str, str]]

SETTINGS = """
[retention]
keep = "1y"
keep-reason = "fewer than 50,000 persons"

[[source]]
name = "gateway"
paths = ["gateway-*.log"]
format = "combined"
"""


@pytest.fixture
def shop(tmp_path: Path) -> SignedShop:
    """A workspace."""
    (tmp_path / "shop").mkdir()
    shop = SignedShop(tmp_path / "shop")
    (shop.root / "haechi.toml").write_text(SETTINGS)
    shop.take([400, 401], ["gateway"])
    return shop


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shop: SignedShop) -> Verify:
    monkeypatch.chdir(shop.root)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = run(["verify", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@contextmanager
def running(folder: Path, name: str, log: Vkey) -> Iterator[WitnessSettings]:
    """A witness served from a thread of this process."""
    signer = make_key(folder / "key", name, COSIGNATURE)
    Memory.make(folder / "memory")
    server = WitnessServer(Witness(signer, [log], Memory(folder / "memory", signer.key)), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield WitnessSettings(f"http://127.0.0.1:{server.server_port}", signer.vkey)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def document(out: str) -> Any:
    return json.loads(out)


def test_the_workspace_is_checked_against_its_own_key_and_that_is_noted(
    verify: Verify, shop: SignedShop
) -> None:
    size = shop.store.snapshot().head.size
    code, out, _ = verify()
    assert code == 0 and out.startswith("Whole: 80 records in 2 batches, signed by a key that you trust.")
    assert shop.store.snapshot().head.size == size + 1
    code, out, _ = verify("--json")
    answer = document(out)
    assert (code, answer["whole"], answer["counts"]["records"]) == (0, True, 80)
    custody = [item for item in answer["verdicts"] if item["thing"] == "custody"]
    assert custody and "1 entry" in custody[0]["sentence"]


def test_a_copy_elsewhere(verify: Verify, shop: SignedShop, tmp_path: Path) -> None:
    shutil.copytree(shop.path, tmp_path / "copy")
    before = sorted(tmp_path.joinpath("copy").rglob("*"))
    code, out, _ = verify(tmp_path / "copy")
    told = "".join(out.split())  # wherever a line was broken
    assert code == 0 and "withoutakeythatyoutrust" in told and shop.signer.vkey in told
    for key in (shop.signer.vkey, shop.root / f"{KEY}.pub"):
        code, out, _ = verify(tmp_path / "copy", "--key", key)
        assert code == 0 and out.startswith("Whole: ")
    assert sorted(tmp_path.joinpath("copy").rglob("*")) == before


def test_damage_is_named_briefly_and_changes_nothing(verify: Verify, shop: SignedShop) -> None:
    for number in (0, 1):
        path = layout.raw_file(shop.path, number)
        path.write_bytes(path.read_bytes()[::-1])
    size = shop.store.snapshot().head.size
    code, out, err = verify()
    lines = out.splitlines()
    assert code == 3 and lines[0].startswith("Not whole (80 records in 2 batches): ")
    assert "batches/0000/0000000000.raw.zst" in out.replace("\n", "").replace(" ", "")
    assert len(lines) <= SHOWN + 10 and "stays as it was found" in err
    assert shop.store.snapshot().head.size == size
    assert verify("--json")[0] == 3


def test_a_foreign_key_and_a_thing_that_is_no_key(verify: Verify, shop: SignedShop, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other", "other.example")
    code, out, _ = verify(shop.path, "--key", other.vkey)
    assert code == 3 and "not the key that you trust" in out.replace("\n         ", "")
    assert verify(shop.path, "--key", "nonsense")[0] == 2
    witness = make_key(tmp_path / "w", "w.example", COSIGNATURE)
    assert verify(shop.path, "--key", witness.vkey)[0] == 2


def test_what_witnesses_say(verify: Verify, shop: SignedShop, tmp_path: Path) -> None:
    witness = make_key(tmp_path / "w", "w.example", COSIGNATURE)
    code, out, _ = verify(shop.path, "--witness", witness.vkey, "--json")
    assert code == 0 and "vouches for nothing here" in out
    point = shop.store.snapshot().head
    keep(shop.path, point, [witness.sign(point.body)])
    code, out, _ = verify(shop.path, "--witness", witness.vkey, "--json")
    assert code == 0 and "cosigned by w.example" in out
    kept = tmp_path / "kept"
    shutil.copy(shop.path / "cosigned" / str(point.size), kept)
    assert verify(shop.path, "--witness", witness.vkey, "--witness", kept)[0] == 0
    kept.write_text("no head")
    assert verify(shop.path, "--witness", kept)[0] == 3
    assert verify(shop.path, "--witness", "http://127.0.0.1:9")[0] == 2
    code, out, _ = verify(shop.path, "--witness", "http://127.0.0.1:9", "--witness", witness.vkey, "--json")
    asked = [item for item in document(out)["verdicts"] if item.get("where") == "http://127.0.0.1:9"]
    assert code == 0 and [item["state"] for item in asked] == ["unknown"]


def test_a_witness_that_signed_twice_is_one_stranger_with_a_name(verify: Verify, shop: SignedShop) -> None:
    witness = make_key(shop.root / "w", "w.example", COSIGNATURE)
    point = shop.store.snapshot().head
    keep(shop.path, point, [witness.cosign(point.body, time) for time in (1_700_000_000, 1_700_000_001)])
    code, out, _ = verify(shop.path, "--json")
    unknown = [item for item in document(out)["verdicts"] if item["thing"] == "witness"]
    assert code == 0 and [item.get("count", 1) for item in unknown] == [1]
    assert f"w.example (key id {witness.key.id.hex()})" in unknown[0]["sentence"]


def test_a_later_key_of_the_same_log_is_told_from_a_strangers(
    verify: Verify, shop: SignedShop, tmp_path: Path
) -> None:
    later = make_key(tmp_path / "later", shop.signer.key.name)
    code, out, _ = verify(shop.path, "--key", later.vkey, "--json")
    assert code == 3 and "the same log's name" in out and shop.signer.vkey in out
    code, out, _ = verify(shop.path, "--key", make_key(tmp_path / "x", "x.example").vkey, "--json")
    assert code == 3 and "the same log's name" not in out


def test_a_fork_is_refused_by_two_witnesses_and_named(
    verify: Verify, shop: SignedShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    shutil.copytree(shop.root, tmp_path / "twin")
    twin = SignedShop(tmp_path / "twin")
    shop.take([402], ["gateway"])
    twin.take([403, 404], ["gateway"])
    with ExitStack() as stack:
        names = ("one.example", "two.example")
        two = [stack.enter_context(running(tmp_path / name, name, shop.signer.key)) for name in names]
        options = [part for witness in two for part in ("--witness", witness.url, "--witness", witness.key)]
        for each, state in ((shop, "signed"), (twin, "refused")):
            log = each.store.log().open()
            answers = submit(log.checkpoint, log.consistency, two)
            assert [answer.state for answer in answers] == [state, state]
        assert verify(*options)[0] == 0
        code, out, _ = verify(twin.root, *options, "--json")
    forks = [item for item in document(out)["verdicts"] if item["state"] == "forked"]
    assert code == 3 and [item["where"] for item in forks] == [witness.url for witness in two]
    head = str(shop.store.snapshot().head).split(" ")[0]
    assert all(
        name in item["sentence"] and head in item["sentence"] for name, item in zip(names, forks, strict=True)
    )


def test_bad_targets_are_each_a_clear_sentence(verify: Verify, tmp_path: Path) -> None:
    code, _, err = verify(tmp_path / "nowhere")
    assert code == 2 and "There is no such file or folder" in err
    for option in ("--key", "--witness", "--timestamp-roots"):
        code, _, err = verify("--workspace", ".", option, tmp_path / "none")
        assert code == 2 and "there is no such file" in err.casefold()
    (tmp_path / "empty").mkdir()
    code, _, err = verify(tmp_path / "empty")
    assert code == 3 and "no store" in err
    (tmp_path / "text").write_text("hello")
    code, out, _ = verify(tmp_path / "text")
    assert code == 3 and "no evidence pack" in out
