"""Systems and probes in haechi.toml: what names nothing, leads nowhere, or is a secret itself is named by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from haechi.report.workspaces import open_workspace
from haechi.workspace.check_systems import Kinds
from haechi.workspace.load import load
from haechi.workspace.problems import BadSettings

KINDS = Kinds(
    {"openbao": {"namespace"}, "ldap": {"base"}, "ssh": {"files"}},
    {"vault-key": ({"openbao"}, {"engine"}), "bind": ({"ldap"}, set())},
)
GOOD = """
[[system]]
name = "vault"
kind = "openbao"
url = "https://vault.example:8200"
credential = "env:VAULT_TOKEN"
options = { namespace = "shop" }

[[system]]
name = "hosts"
kind = "ssh"
options = { files = "keys/*" }

[[probe]]
name = "login key"
system = "vault"
kind = "vault-key"
"""


def problems(folder: Path, text: str) -> list[str]:
    (folder / "haechi.toml").write_text(text)
    with pytest.raises(BadSettings) as raised:
        load(folder, None, lambda: KINDS)
    return [f"{problem.key}: {problem.text}" for problem in raised.value.problems]


def test_what_is_right_is_read(tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text(GOOD.replace("login key", "login-key"))
    settings = load(tmp_path, None, lambda: KINDS).settings
    assert [system.name for system in settings.systems] == ["vault", "hosts"]
    assert settings.probes[0].every == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"openbao"',
            '"openbaoo"',
            'system[1].kind: names the unknown kind of system "openbaoo". Did you mean',
        ),
        ("namespace =", "namspace =", "system[1].options.namspace: is not an option of this kind. Did you"),
        ('url = "https://vault.example:8200"\n', "", 'system[1]: has no "url", which it needs.'),
        ("https://vault", "ldap://vault", "system[1].url: must be an address that begins with https://"),
        ("https://vault", "https://a:hunter2@vault", "system[1].url: holds a password"),
        ("https://vault.example:8200", "https://vault:99999", "system[1].url: is no address."),
        ('"env:VAULT_TOKEN"', '"hvs.CAESIJ"', "system[1].credential: must say where the secret is"),
        ('"env:VAULT_TOKEN"', '"env:"', "system[1].credential: must say where the secret is"),
        ('"hosts"', '"vault"', 'system[2].name: "vault" is also the name of system[1].'),
        ('"hosts"', '"probes"', 'system[2].name: cannot be "probes"'),
        ('"hosts"', '"../hosts"', "system[2].name: must be of letters"),
        (
            'system = "vault"',
            'system = "valut"',
            'probe[1].system: names no system "valut". Did you mean "vault"?',
        ),
        ('system = "vault"', 'system = "hosts"', 'a probe of the kind "vault-key" asks openbao.'),
        ('"vault-key"', '"vault-kye"', 'probe[1].kind: names the unknown kind of probe "vault-kye".'),
        ('"vault-key"', '"vault-key"\nevery = "soon"', "probe[1].every: is"),
        ('"vault-key"', '"vault-key"\noptions = { x = "1" }', "probe[1].options.x: is not an option"),
        ("login-key", "login key", "probe[1].name: must be of letters"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = GOOD.replace("login key", "login-key")
    assert old in text
    found = problems(tmp_path, text.replace(old, new, 1))
    assert any(said in problem for problem in found), found


def test_no_message_repeats_a_secret(tmp_path: Path) -> None:
    found = problems(
        tmp_path, GOOD.replace("env:VAULT_TOKEN", "hvs.CAESIJ").replace("https://", "https://a:hunter2@")
    )
    assert not any("CAESIJ" in problem or "hunter2" in problem for problem in found)


def test_kinds_are_asked_only_where_there_are_systems(tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text("")

    def kinds() -> Kinds:
        raise AssertionError

    load(tmp_path, None, kinds)


BAD = """
[[system]]
name = "vault"
kind = "openbaoo"
url = "https://vault.example:8200"
credential = "hvs.CAESIJ"
colour = "red"

[[system]]
name = "hosts"
kind = "ssh"
options = { flies = "keys/*" }
every = 7

[[probe]]
name = "first"
system = "valut"
kind = "vault-kye"
credential = "hunter2"

[[probe]]
name = "second"
system = "hosst"
kind = "bind"
contrl = "x"
options = { x = "1" }

[[probe]]
name = "third"
"""


def test_all_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, BAD)
    assert [problem.partition(":")[0] for problem in found] == [
        "system[1].kind",
        "system[1].credential",
        "system[1].colour",
        "system[2].options.flies",
        "system[2].every",
        "probe[1].system",
        "probe[1].kind",
        "probe[1].credential",
        "probe[2].system",
        "probe[2].contrl",
        "probe[2].options.x",
        "probe[3]",
        "probe[3]",
    ]
    assert [problem for problem in found if problem.startswith("probe[3]")] == [
        'probe[3]: has no "kind", which it needs.',
        'probe[3]: has no "system", which it needs.',
    ]


def test_a_system_without_a_name_may_be_the_one_meant(tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD.replace("login key", "login-key").replace('name = "vault"\n', ""))
    assert found == ['system[1]: has no "name", which it needs.']


def test_a_workspace_found_from_inside_it_is_checked_as_one_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "haechi.toml").write_text(BAD)
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    told = []
    for folder in (None, tmp_path):
        with pytest.raises(BadSettings) as raised:
            open_workspace(folder)
        told.append(raised.value.problems)
    assert told[0] == told[1]
    assert {"system[1].kind", "system[1].credential"} <= {problem.key for problem in told[0]}
