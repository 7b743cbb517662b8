"""`haechi probe` and `haechi token`: from a key that lives to one that is dead, and what the exit codes say."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.cli.conftest import Said
from tests.identity.probes.web_server import Asked, Reply, listening
from tests.servers import gateway

from haechi.cli import main
from haechi.identity.ask import Manners
from haechi.identity.rounds import ask_round
from haechi.report.custody import entries
from haechi.store.of_workspace import open_store
from haechi.store.open import open_engine
from haechi.workspace.load import load

Haechi = Callable[..., Said]
QUICK = ("--pause", "0", "--wait", "5")


@pytest.fixture
def asked(haechi: Haechi, monkeypatch: pytest.MonkeyPatch) -> Haechi:
    # In the order in which help lists them, whether these are among them or not.
    monkeypatch.setattr(main, "VERBS", tuple(dict.fromkeys((*main.VERBS, "probe", "token"))))
    return haechi


class Issuer:
    """Keys as they are served, and a gateway that believes them."""

    def __init__(self, folder: Path) -> None:
        self.keys = {kid: ECKey.generate_key("P-256") for kid in ("old", "new")}
        self.served = ["old", "new"]
        (folder / "old.pem").write_bytes(self.keys["old"].as_pem(private=True))

    def answer(self, asked: Asked) -> Reply:
        keys = [{**self.keys[kid].as_dict(private=False), "kid": kid} for kid in self.served]
        return Reply(body={"keys": keys})


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Issuer]:
    issuer = Issuer(tmp_path)
    with listening(issuer.answer) as jwks, gateway.running(tmp_path / "gateway", jwks.url) as gate:
        good = issuer.keys["new"]
        token = _token(good)
        (tmp_path / "good.jwt").write_text(token)
        (tmp_path / "haechi.toml").write_text(
            f"""
            [[system]]
            name = "keys"
            kind = "jwks"
            url = "{jwks.url}"

            [[system]]
            name = "app"
            kind = "gateway"
            url = "{gate.url}"
            credential = "file:good.jwt"
            every = "7d"
            options = {{ path = "/ping" }}

            [[probe]]
            name = "old-key"
            system = "keys"
            kind = "jwks"
            target = "old"
            """
        )
        yield issuer


def _token(key: ECKey) -> str:
    return jwt.encode({"alg": "ES256", "kid": "new"}, {"sub": "monitor", "exp": time.time() + 600}, key)


def facts(folder: Path) -> list[tuple[object, ...]]:
    workspace = load(folder)
    engine = open_engine(open_store(workspace).snapshot(), workspace.settings.store)
    try:
        return engine.rows("SELECT object, system, state, how, version FROM fact ORDER BY seq")
    finally:
        engine.close()


def looks(folder: Path) -> list[str]:
    """Who looked at what, as the log tells: the verbs."""
    return [entry.verb for entry in entries(open_store(load(folder)))]


def test_a_key_s_death(asked: Haechi, issuer: Issuer, tmp_path: Path) -> None:
    mint = ("token", "obituary", "--issuer", "login", "--kid", "old", "--signing-key", "old.pem")
    said = asked(*mint, "--json")
    assert said.code == 0, said.err
    assert [probe["state"] for probe in said.document["asked"]] == ["alive"]
    token = Path(said.document["token"]).read_text()

    alive = asked("probe", "run", *QUICK, "--json")
    assert alive.code == 1
    assert {probe["name"]: probe["state"] for probe in alive.document["probes"]} == {
        "old-key": "alive",
        "obituary-old-app": "alive",
    }

    issuer.served = ["new"]
    # What the gateway keeps in memory is asked for again at once: its keys are kept for 0 seconds.
    dead = asked("probe", "run", *QUICK)
    assert dead.code == 0, dead.out
    assert "2 probes: 2 DEAD." in dead.out
    assert "obituary-old-app (gateway at app)" in dead.out

    assert facts(tmp_path) == [
        ("obituary-old-app", "app", "alive", "gateway", "old"),
        ("old-key", "keys", "alive", "jwks", "old"),
        ("obituary-old-app", "app", "alive", "gateway", "old"),
        ("old-key", "keys", "dead", "jwks", "old"),
        ("obituary-old-app", "app", "dead", "gateway", "old"),
    ]
    kept = [p for p in tmp_path.rglob("*") if p.is_file() and token.encode() in p.read_bytes()]
    assert [path.name for path in kept] == ["old.jwt"]
    assert token not in alive.out + dead.out + said.out
    assert not list(tmp_path.glob("facts/**/*.jsonl"))


def test_a_token_that_never_passed_proves_nothing(asked: Haechi, issuer: Issuer) -> None:
    issuer.served = ["new"]
    said = asked(
        "token", "obituary", "--issuer", "login", "--kid", "old", "--signing-key", "old.pem", "--json"
    )
    assert said.code == 1
    assert [probe["state"] for probe in said.document["asked"]] == ["unknown"]
    assert "never seen accepted" in said.document["asked"][0]["evidence"]


def test_a_newer_token_must_have_passed_itself(asked: Haechi, issuer: Issuer) -> None:
    mint = ("token", "obituary", "--issuer", "login", "--kid", "old", "--signing-key", "old.pem", "--json")
    assert asked(*mint).code == 0
    time.sleep(1.1)  # a token's times are whole seconds
    issuer.served = ["new"]
    again = asked(*mint, "--replace")
    assert [probe["state"] for probe in again.document["asked"]] == ["unknown"]


def test_a_round_that_is_interrupted_keeps_what_was_answered(
    asked: Haechi, issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(result: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        ask_round(load(tmp_path), manners=Manners(0, 5), told=interrupted)
    assert [(name, state) for name, _, state, _, _ in facts(tmp_path)] == [("old-key", "alive")]


def test_only_what_is_due_is_asked(asked: Haechi, issuer: Issuer, tmp_path: Path) -> None:
    first = asked("probe", "run", "--due", *QUICK, "--json")
    assert [probe["name"] for probe in first.document["probes"]] == ["old-key"]
    again = asked("probe", "run", "--due", *QUICK, "--json")
    assert (again.code, again.document["probes"]) == (0, [])
    assert looks(tmp_path) == ["probe run"]
    listed = asked("probe", "list", "--json").document["probes"]
    assert [(probe["name"], probe["state"], probe["every"]) for probe in listed] == [
        ("old-key", "alive", "1d")
    ]
    assert listed[0]["next"] > listed[0]["asked"]
    assert "ALIVE" in asked("probe", "list").out
    assert looks(tmp_path) == ["probe run", "probe list", "probe list"]


def test_what_was_not_answered_is_due_again(asked: Haechi, tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text(
        '[[system]]\nname = "keys"\nkind = "jwks"\nurl = "http://127.0.0.1:1"\n'
        '[[probe]]\nname = "p"\nsystem = "keys"\nkind = "jwks"\ntarget = "old"\n'
    )
    for _ in range(2):
        said = asked("probe", "run", "--due", *QUICK, "--json")
        assert said.code == 1
        assert [probe["state"] for probe in said.document["probes"]] == ["unknown"]


def test_a_name_that_is_none_is_an_error(asked: Haechi, issuer: Issuer) -> None:
    said = asked("probe", "run", "no-such")
    assert said.code == 2
    assert "no probe called no-such" in said.err


def test_a_schedule_for_the_operating_system(asked: Haechi, issuer: Issuer, tmp_path: Path) -> None:
    units = asked("probe", "schedule").out
    assert "[Timer]\nOnCalendar=hourly" in units
    assert f"probe run --due --workspace {tmp_path}" in units
    cron = asked("probe", "schedule", "--cron").out
    assert cron.startswith("17 * * * * ") and cron.count("\n") == 1


def test_a_honey_key_is_published_and_its_bait_kept(asked: Haechi, tmp_path: Path) -> None:
    said = asked("token", "honey", "--issuer", "login", "--kid", "login-0", "--private", "bait.pem", "--json")
    assert said.code == 0
    assert said.document["public"]["kid"] == "login-0"
    assert "PRIVATE KEY" in (tmp_path / "bait.pem").read_text()
    shown = asked("token", "honey", "--issuer", "login").out
    assert "[[issuer.key]]" in shown and "honey = true" in shown and "PRIVATE" not in shown


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--signing-key", "old.pem", "--vault", "keys"),
        ("--vault", "keys", "--vault-key", "transit/keys/x"),
        ("--vault", "keys", "--vault-key", "x"),
        ("--signing-key", "old.pem", "--life", "soon"),
        ("--signing-key", "old.pem", "--claim", "x"),
    ],
)
def test_wrong_use_is_told(asked: Haechi, issuer: Issuer, tmp_path: Path, options: tuple[str, ...]) -> None:
    said = asked("token", "obituary", "--issuer", "login", "--kid", "old", *options)
    assert said.code == 2
    assert not (tmp_path / "obituary").exists()


def test_json_is_one_document(asked: Haechi, issuer: Issuer) -> None:
    said = asked("probe", "run", *QUICK, "--json")
    assert set(json.loads(said.out)["probes"][0]) == {
        "name", "system", "kind", "target", "state", "control", "evidence", "asked",
    }  # fmt: skip
