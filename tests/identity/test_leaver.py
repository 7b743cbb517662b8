"""What leavers must have lost, and whether a plain and fresh DEAD stands behind each of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.identity.knowing import day, engine_of, fact, listing

from haechi.identity.leaver import check
from haechi.identity.leaver_values import Item, LeaverCheck
from haechi.model.errors import IdentityError
from haechi.model.settings import IssuerSettings, KeySettings, ProbeSettings, Settings, SystemSettings

KIM = {"person": "E1", "account": "kim", "departed": day(10)}
LEE = {"person": "E2", "account": "lee"}
KEY = "transit/keys/login"
TOOK = fact(
    5, "exposure", system="vault", account="kim", object=KEY, version="1", how="exported", evidence="entry 7"
)
SETTINGS = Settings(
    systems=[
        SystemSettings("vault", "openbao", every="1d"),
        SystemSettings("mail", "scim", every="1d"),
        SystemSettings("keys", "jwks", every="1d"),
    ],
    issuers=[IssuerSettings("login", keys=[KeySettings("k1", secret=f"{KEY}:1")])],
)
GATE = SystemSettings("gate", "gateway", every="1d")


def checked(
    facts: Sequence[dict[str, Any]],
    at: float = 20,
    settings: Settings = SETTINGS,
    who: str = "E1",
    people: Any = (KIM, LEE),
) -> LeaverCheck:
    engine = engine_of(facts, people)
    try:
        return check(engine, settings, who, day(at).replace(tzinfo=UTC))
    finally:
        engine.close()


def items(facts: Sequence[dict[str, Any]], sort: str, **more: Any) -> list[Item]:
    return [item for person in checked(facts, **more).people for item in person.items if item.sort == sort]


def one(facts: Sequence[dict[str, Any]], sort: str, **more: Any) -> Item:
    (item,) = items(facts, sort, **more)
    return item


def account(number: float, state: str = "alive", **more: Any) -> dict[str, Any]:
    return fact(number, "account", state, system="mail", account="kim") | more


def probe(number: float, state: str, **more: Any) -> dict[str, Any]:
    return (
        fact(
            number,
            "probe",
            state,
            system="mail",
            object="p",
            how="scim",
            account="kim",
            evidence=f"said {state}",
        )
        | more
    )


def test_an_account_that_was_dead_when_next_looked_at_is_not_called_late() -> None:
    item = one([account(1), account(12, "dead")], "account", at=12.5)
    assert (item.state, item.by, item.gone, item.late_s) == ("dead", _utc(11), _utc(12), 0)


def test_an_account_seen_alive_after_it_had_to_be_dead_is_late() -> None:
    assert one([account(1), account(12), account(13, "dead")], "account", at=13).late_s == 2 * 86_400
    assert one([account(1), account(12)], "account", at=13).late_s == 2 * 86_400


def test_an_old_dead_is_unknown() -> None:
    item = one([account(1), account(12, "dead")], "account", at=20)
    assert (item.state, item.why.split(":")[0]) == ("unknown", "dead when last asked, which is too long ago")


def test_what_was_told_once_by_a_list_stays_told() -> None:
    told = [account(1, system="payroll"), account(12, "dead", system="payroll")]
    assert one(told, "account", at=500).state == "dead"


def test_an_account_that_no_system_knows_is_unknown_and_not_dead() -> None:
    item = one([listing(19, "account", system="mail")], "account")
    assert (item.state, item.name, item.system) == ("unknown", "kim", "")


@pytest.mark.parametrize(
    ("listed", "asked", "state"),
    [
        ((19.0, "alive"), (19.5, "dead"), "dead"),  # the probe is newer and asks the way in itself
        ((19.5, "alive"), (19.0, "dead"), "alive"),
        ((19.5, "dead"), (19.0, "alive"), "alive"),  # the list cannot know what the probe saw
        ((19.5, "dead"), (19.0, "unknown"), "unknown"),
        ((19.0, "dead"), (19.5, "dead"), "dead"),
        ((19.0, "alive"), (19.5, "unknown"), "unknown"),
    ],
)
def test_lists_and_probes_are_weighed(
    listed: tuple[float, str], asked: tuple[float, str], state: str
) -> None:
    found = [account(1), account(*listed), probe(*asked)]
    assert one(found, "account").state == state


def test_a_dead_probe_that_is_too_old_is_unknown() -> None:
    settings = Settings(systems=SETTINGS.systems, probes=[ProbeSettings("p", "mail", "scim", every="2h")])
    found = [account(1), probe(19, "dead")]
    assert one(found, "account", at=19.1, settings=settings).state == "dead"
    assert one(found, "account", at=19.5, settings=settings).state == "unknown"


def test_a_right_is_as_dead_as_its_account() -> None:
    right = fact(19, "grant", system="mail", account="kim", object="group/admins")
    dead = one([account(1), account(19, "dead"), right], "grant")
    assert dead.state == "dead" and "dead with its account" in dead.why
    assert one([account(19), right], "grant").state == "alive"
    assert one([account(1), account(19, "unknown"), right], "grant").state == "unknown"


def test_one_refused_key_does_not_kill_an_account_with_others() -> None:
    other = fact(19, "grant", system="mail", account="kim", object="SHA256:other-key")
    refused = probe(19.5, "dead", how="ssh-key", object="first-key")
    found = [account(19), other, refused]
    assert [one(found, sort).state for sort in ("account", "grant", "session")] == ["alive", "alive", "dead"]


def test_a_session_lives_on_whatever_the_account_does() -> None:
    session = fact(19, "session", system="mail", account="kim", object="s1")
    found = [account(1), account(19, "dead"), session, listing(19, "session", system="mail")]
    assert one(found, "session").state == "alive"
    assert one([*found, listing(19.5, "session", system="mail")], "session").state == "dead"


def test_a_probe_for_sessions_is_told_beside_the_account() -> None:
    asked = probe(19.5, "alive", how="postgresql-session", object="open")
    found = [account(1), account(19, "dead"), asked]
    assert (one(found, "account").state, one(found, "session").state) == ("dead", "alive")


def vault(number: float, state: str = "alive") -> dict[str, Any]:
    return fact(number, "secret", state, system="vault", object=KEY, version="1")


def gate(number: float, state: str) -> dict[str, Any]:
    return probe(number, state, system="gate", object="g", how="gateway", account=None, version="k1")


def test_a_secret_that_nobody_asks_about_is_unknown() -> None:
    item = one([TOOK], "secret")
    assert (item.state, item.had[0].text, item.kids) == ("unknown", "exported: entry 7", ["k1"])


def test_a_copy_outlives_its_deletion_in_the_vault() -> None:
    item = one([TOOK, vault(4), vault(19.5, "dead")], "secret")
    assert item.state == "unknown" and "whether a copy is still accepted" in item.why


def test_what_could_only_be_read_dies_with_the_vault_s_version() -> None:
    app = {"object": "secret/data/app"}
    may = TOOK | app | {"how": "may-read"}
    found = [may, vault(4) | app, vault(19.5, "dead") | app]
    blind = one(found, "secret")
    assert blind.state == "unknown" and "whether it was read meanwhile" in blind.why
    other = fact(
        4, "exposure", system="vault", account="lee", object="x", how="read", evidence="audit entry 1: read x"
    )
    assert one([*found, other], "secret").state == "dead"
    assert one([*found, other | {"system": "vault-2"}], "secret").state == "unknown"


def test_a_key_that_is_served_no_more_and_no_gateway_believes_is_dead() -> None:
    settings = Settings(systems=[*SETTINGS.systems, GATE], issuers=SETTINGS.issuers)
    served = [
        fact(4, "secret", system="keys", object="k1"),
        fact(19.5, "secret", "dead", system="keys", object="k1"),
    ]
    found = [TOOK, vault(19.5), *served]
    item = one(found, "secret", settings=settings)
    assert item.state == "unknown" and "gate was not asked" in item.why
    assert one([*found, gate(19.6, "alive")], "secret", settings=settings).state == "alive"
    assert one([*found, gate(19.6, "unknown")], "secret", settings=settings).state == "unknown"
    assert one([*found, gate(19.6, "dead")], "secret", settings=settings).state == "dead"
    nobody = one(found, "secret")
    assert nobody.state == "unknown" and "no gateway was asked" in nobody.why
    published = probe(19.7, "dead", system="keys", object="q", version="k1", how="jwks", account="")
    assert one([*found, published], "secret").state == "unknown"
    theirs = published | {"account": "kim", "version": "k7"}
    (own,) = [item for item in items([*found, theirs], "secret") if item.name == "k7"]
    assert own.state == "unknown" and "no gateway was asked" in own.why


def test_a_reader_named_in_the_settings_was_exposed() -> None:
    settings = Settings(issuers=[IssuerSettings("login", keys=[KeySettings("k9", readers=["E1"])])])
    item = one([], "secret", settings=settings)
    assert (item.name, item.how, item.state) == ("k9", ["named"], "unknown")


def test_a_way_in_somebody_s_own_words_counts_as_a_copy() -> None:
    copied = TOOK | {"how": "copied to a laptop"}
    assert one([copied, vault(4), vault(19.5, "dead")], "secret").state == "unknown"


def test_a_probe_must_be_newer_than_all_who_still_publish_the_key() -> None:
    more = [SystemSettings("keys-2", "jwks", every="1d"), GATE]
    settings = Settings(systems=[*SETTINGS.systems, *more], issuers=SETTINGS.issuers)
    served = [
        fact(19.1, "secret", system="keys", object="k1"),
        fact(19.9, "secret", system="keys-2", object="k1"),
    ]
    found = [TOOK, *served, gate(19.5, "dead")]
    assert one(found, "secret", settings=settings).state == "alive"
    assert one([*found, gate(19.95, "dead")], "secret", settings=settings).state == "dead"


def test_each_version_stands_for_itself() -> None:
    found = items([TOOK | {"version": "1,2"}, vault(19.5)], "secret")
    assert [(item.version, item.kids) for item in found] == [("1", ["k1"]), ("2", [])]


def test_all_who_left_are_checked_and_nobody_else() -> None:
    later = {"person": "E3", "account": "han", "departed": day(30)}
    assert [p.person for p in checked([], who="", people=(KIM, LEE, later)).people] == ["E1"]
    assert [p.person for p in checked([], who="", people=(KIM, LEE, later), at=40).people] == ["E1", "E3"]


def test_whoever_is_still_there_can_be_looked_at_by_account() -> None:
    (person,) = checked([fact(19, "account", system="mail", account="lee")], who="lee").people
    assert (person.person, person.departed, person.items[0].by, person.items[0].late_s) == (
        "E2",
        None,
        None,
        0,
    )


def test_a_stranger_is_no_leaver() -> None:
    with pytest.raises(IdentityError, match="nobody of this name"):
        checked([], who="E99")


def test_as_it_was_known_then() -> None:
    found = [account(1), account(19, "dead")]
    mail = Settings(systems=[SystemSettings("mail", "scim", every="1d")])
    assert checked(found, at=18, settings=mail).state == "alive"
    assert checked(found, at=19, settings=mail).state == "dead"


def test_systems_that_nobody_asked_are_named() -> None:
    assert 'system "keys": nothing is known of it yet' in checked([account(19)]).not_looked_at


def test_while_a_system_was_never_gathered_all_is_not_dead() -> None:
    found = [account(1), account(19.5, "dead"), listing(19.5, "account", system="keys")]
    # An audit log, a probe, and what was gathered later tell of single things only.
    hints = [
        TOOK | {"account": "x"},
        probe(19, "dead", system="vault"),
        listing(21, "account", system="vault"),
    ]
    short = checked([*found, *hints], who="")
    assert (short.state, short.settled, short.ungathered) == ("unknown", False, 1)
    assert short.counts["unknown"] == 0
    whole = checked([*found, *hints, listing(19, "account", system="vault")], who="")
    assert (whole.state, whole.settled, whole.ungathered) == ("dead", True, 0)
    # What can only be probed has no list to wait for.
    bare = [SystemSettings("host", "ssh"), GATE, SystemSettings("mail", "scim")]
    probed = checked(found, settings=Settings(systems=bare))
    assert probed.state == "dead"
    assert probed.not_looked_at == [
        f'system "{name}": nothing was heard of it yet' for name in ("host", "gate")
    ]
    # Of somebody who is there nothing must be dead.
    assert checked(found, who="lee").settled


def test_a_list_read_again_tells_who_left_since() -> None:
    before = {"person": "E1", "account": "kim", "joined": day(0)}
    (person,) = checked([], who="", people=(before, before | {"departed": day(10)})).people
    assert person.departed == _utc(10) and len(person.told) == 1


def test_somebody_of_whom_nothing_is_known_is_not_dead() -> None:
    nameless = {"person": "E4", "account": None, "departed": day(10)}
    found = checked([], who="", people=(nameless,))
    assert (found.state, found.people[0].items) == ("unknown", [])
    assert checked([account(1), account(19.5, "dead")], who="", people=(KIM, nameless)).state == "unknown"


def test_without_a_list_of_people_nothing_is_known() -> None:
    found = checked([], who="", people=())
    assert (found.state, found.people) == ("unknown", [])
    assert checked([], who="", people=(LEE,)).state == "dead"  # it is known that nobody left


def _utc(number: float) -> datetime:
    return (day(0) + timedelta(days=number)).replace(tzinfo=UTC)
