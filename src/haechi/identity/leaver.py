"""Check leavers: every way in that they had, whether it is dead, since when, and what tells it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from msgspec.structs import replace

from haechi.identity.intervals import make_intervals, statement
from haechi.identity.judge import Holder, Judge, Known, Verdict, Voice
from haechi.identity.leaver_values import NOT_GATHERED, Evidence, Item, Leaver, LeaverCheck, Sort, overall
from haechi.model.errors import IdentityError
from haechi.model.settings import Settings, SystemSettings
from haechi.model.words import NO_RECORD, FactState
from haechi.store.interface import Engine
from haechi.workspace.units import duration

Row = Mapping[str, Any]
PLACES: Final = 5  # rows that could not be read, named one by one
GRACE: Final = "1d"  # as the rule `leaver`: the day of departure itself is work
_PERSON: Final = """
SELECT concat('list of people: account ', account, ', departed ', departed), source, seq
FROM employment WHERE person = $p
ORDER BY source, seq
"""
_SORTS: Final[tuple[Sort, ...]] = ("account", "session", "grant", "secret")
_WORST: Final[tuple[FactState, ...]] = ("alive", "unknown", "dead")


def check(engine: Engine, settings: Settings, person: str = "", at: datetime | None = None) -> LeaverCheck:
    """What all leavers, or one person, must have lost, as far as it was known at `at` (UTC; None: now).

    `person` is an id of the people source, or an account. Somebody who is still there can be checked as well: then
    it is what would have to die.

    Raises:
        IdentityError: nobody of this name is known.
    """
    moment = at or datetime.now(UTC)
    then = moment.astimezone(UTC).replace(tzinfo=None)
    make_intervals(engine, then)
    known = {row["person"]: row for row in _rows(engine, statement("people"))}
    accounts = _accounts(engine)
    unread = engine.rows(statement("unread_people"), {"no_record": list(NO_RECORD)})
    chosen = _chosen(known, accounts, person, moment, unread)
    found = _Found(engine, settings, moment)
    people = [found.leaver(name, known.get(name), accounts.get(name, set())) for name in chosen]
    counts = Counter(item.state for leaver in people for item in leaver.items)
    looked = LeaverCheck(
        checkpoint=engine.checkpoint,
        at=moment,
        state="unknown",
        people=people,
        counts={state: counts[state] for state in _WORST},
        not_looked_at=[*_not_looked_at(engine, settings, then), *_unread(unread)],
        unread=len(unread),
    )
    return replace(looked, state=overall(people, len(unread), looked.ungathered)) if known else looked


class _Found:
    """All ways in that anybody had, and what judges them."""

    def __init__(self, engine: Engine, settings: Settings, at: datetime) -> None:
        self._at, self._engine = at, engine
        self._judge = Judge(engine, settings, at)
        grace = settings.rules.get("leaver", {}).get("grace", GRACE)
        self._grace = duration(str(grace))
        self._ways = _by_person(_rows(engine, statement("way_in")))
        self._exposures = _by_person(
            _rows(engine, "SELECT * FROM exposure WHERE person IS NOT NULL ORDER BY ALL")
        )
        self._readers: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for issuer in settings.issuers:
            for key in issuer.keys:
                for reader in key.readers:
                    self._readers[reader].append((issuer.name, key.kid))

    def leaver(self, person: str, row: Row | None, accounts: set[tuple[str, str]]) -> Leaver:
        departed = _utc(row["departed"]) if row else None
        by = departed + self._grace if departed else None
        items = [*self._accounts_and_more(person, by), *self._secrets(person, by)]
        items += self._asked_only(accounts, {name for item in items for name in item.probes}, by)
        listed = {item.account for item in items if item.sort == "account"}
        items += [
            self._item("account", "", account, account, Known(), [], by)
            for account in sorted({account for account, _ in accounts} - listed)
        ]
        order = {state: place for place, state in enumerate(_WORST)}
        items.sort(key=lambda i: (_SORTS.index(i.sort), order[i.state], i.system, i.name, i.version))
        told = [
            Evidence(words, None, "person", source, seq)
            for words, source, seq in self._engine.rows(_PERSON, {"p": person})
        ]
        return Leaver(person, sorted({account for account, _ in accounts}), departed, items, told)

    def _accounts_and_more(self, person: str, by: datetime | None) -> Iterable[Item]:
        """Accounts with their probes; what hangs on an account is as dead as the account."""
        holders: dict[tuple[str, str], list[Item]] = defaultdict(list)
        rows = sorted(self._ways.get(person, []), key=lambda row: row["kind"] != "account")
        for row in rows:
            at = (row["system"], row["account"])
            known = _known(row)
            if row["kind"] == "account":
                voices = self._judge.probes_of("account", at[0], at[1], row["object"])
                item = self._item("account", at[0], at[1], at[1], known, voices, by)
                holders[at].append(item)
            elif row["kind"] == "grant" and holders[at]:
                holder = Holder.of(holders[at])
                item = self._item("grant", at[0], row["object"], at[1], known, [], by, holder)
            else:
                voices = self._judge.probes_of(row["kind"], at[0], row["object"])
                item = self._item(row["kind"], at[0], row["object"], at[1], known, voices, by)
            yield item

    def _asked_only(
        self, accounts: set[tuple[str, str]], heard: set[str], by: datetime | None
    ) -> Iterable[Item]:
        """What only a probe tells of: sessions, accounts and secrets that no list names. `heard`: told elsewhere."""
        for voice in self._judge.probes_of_accounts(accounts):
            if voice.name not in heard:
                sort: Sort = next(known for known in _SORTS if known == voice.about)
                names = {"session": f"{voice.account} ({voice.kind})", "secret": voice.target}
                yield self._item(
                    sort, voice.system, names.get(sort, voice.account), voice.account, Known(), [voice], by,
                    unasked=self._judge.unasked([], [voice]),
                )  # fmt: skip

    def _secrets(self, person: str, by: datetime | None) -> Iterable[Item]:
        grouped: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in self._exposures.get(person, []):
            grouped[row["system"], row["object"], row["version"]].append(row)
        seen: set[str] = set()
        for (system, name, version), rows in sorted(grouped.items()):
            kids = self._judge.kids(name, version)
            seen.update(kids)
            yield self._secret(system, name, version, rows, kids, by)
        for issuer, kid in self._readers.get(person, []):
            if kid not in seen:
                yield self._secret(issuer, kid, "", [], [kid], by)

    def _secret(
        self, system: str, name: str, version: str, rows: Sequence[Row], kids: list[str], by: datetime | None
    ) -> Item:
        ways = sorted({row["how"] for row in rows}) or ["named"]
        known, voices = self._judge.secret(system, name, version, kids, ways)
        unasked = self._judge.unasked(kids, voices)
        had = [_evidence(f"{row['how']}: {row['evidence'] or ''}", row["since"], row) for row in rows]
        had = had or [Evidence("haechi.toml names the person as a reader of this key", table="settings")]
        since = min((row["since"] for row in rows), default=None)
        return self._item(
            "secret", system, name, rows[0]["account"] or "" if rows else "", known, voices, by,
            version=version, how=ways, had=had, since=since, kids=kids, unasked=unasked,
        )  # fmt: skip

    def _item(
        self,
        sort: Sort,
        system: str,
        name: str,
        account: str,
        known: Known,
        voices: Sequence[Voice],
        by: datetime | None,
        through: Holder | None = None,
        *,
        version: str = "",
        how: Sequence[str] = (),
        had: Sequence[Evidence] = (),
        since: datetime | None = None,
        kids: Sequence[str] = (),
        unasked: str = "",
    ) -> Item:
        verdict = self._judge.verdict(system, known, voices, through, unasked)
        return Item(
            sort=sort,
            system=system,
            name=name,
            version=version,
            account=account,
            how=list(how),
            state=verdict.state,
            by=by,
            since=_utc(since or known.since),
            seen=verdict.seen,
            gone=verdict.gone,
            asked=verdict.asked,
            late_s=_late(verdict, by, self._at),
            why=verdict.why,
            had=list(had) or known.had,
            told=verdict.told,
            probes=[voice.name for voice in voices],
            kids=list(kids),
        )


def _late(verdict: Verdict, by: datetime | None, at: datetime) -> int:
    """Seconds for which it lived after it had to be dead.

    What is alive has lived until `at`, whenever that was told. Of the rest nobody knows when it died: it is late only
    if it was seen alive too late, or nobody ever saw when it was not dead yet.
    """
    end = verdict.gone if verdict.state == "dead" else at
    if by is None or end is None:
        return 0
    told = verdict.state == "alive" or (verdict.seen > by if verdict.seen else verdict.state == "dead")
    return max(0, int((end - by).total_seconds())) if told else 0


def _known(row: Row) -> Known:
    return Known(
        state=row["state"],
        since=row["since"],
        seen=_utc(row["seen"]),
        gone=_utc(row["gone"]),
        asked=_utc(row["asked"]),
        why=row["end_evidence"] or "",
        had=[_evidence(row["evidence"] or "", row["since"], row)],
        told=[
            Evidence(row["end_evidence"] or "", _utc(row["asked"]), "fact", row["end_source"], row["end_seq"])
        ],
    )


def _evidence(text: str, time: datetime | None, row: Row) -> Evidence:
    return Evidence(text, _utc(time), "fact", row["source"], row["seq"])


def _accounts(engine: Engine) -> dict[str, set[tuple[str, str]]]:
    """Person -> (account, system; "" for any)."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for person, account, system in engine.rows("SELECT person, account, system FROM person_account"):
        found[person].add((account, system))
    return found


def _chosen(
    known: Mapping[str, Row],
    accounts: Mapping[str, set[tuple[str, str]]],
    person: str,
    at: datetime,
    unread: Sequence[Sequence[Any]],
) -> list[str]:
    if not person:
        return [name for name, row in known.items() if row["departed"] and _utc(row["departed"]) <= at]
    if person in known or person in accounts:
        return [person]
    owners = sorted(name for name, held in accounts.items() if any(account == person for account, _ in held))
    if not owners:
        words, *places = _unread(unread) or [""]
        raise IdentityError(
            "nobody of this name is known, neither as a person nor as an account"
            + (f"; {words}" if words else ""),
            where=", ".join(places),
            todo="correct these rows and read the list again: haechi leaver gather"
            if words
            else "collect the list of people (table person), and ask the systems: haechi leaver gather",
        )
    return owners


def _not_looked_at(engine: Engine, settings: Settings, at: datetime) -> list[str]:
    """Systems of haechi.toml that nobody has asked yet, and lists that are missing.

    The answers of probes and an audit log tell of single things, and not of all that a system has.
    """
    from haechi.identity.registry import SOURCES

    sql = "SELECT DISTINCT system, kind FROM fact WHERE system IS NOT NULL AND time <= $at"
    rows = engine.rows(sql, {"at": at})
    heard = {system for system, _ in rows}
    gathered = {system for system, kind in rows if kind not in ("probe", "exposure")}
    missing = []
    for system in settings.systems:
        if system.kind in SOURCES and not _only_asked(system):
            if system.name not in gathered:
                missing.append(f'system "{system.name}"{NOT_GATHERED}')
        elif system.name not in heard:
            missing.append(f'system "{system.name}": nothing was heard of it yet')
    if not engine.rows("SELECT 1 FROM person LIMIT 1"):
        missing.append("no list of people was collected: nobody is known to have left")
    return missing


def _only_asked(system: SystemSettings) -> bool:
    """Whether a system of a kind that can be listed lacks what that takes: then there are only probes."""
    needs = {"ssh": "paths", "ldap": "base"}.get(system.kind, "")
    return bool(needs) and needs not in system.options


def _unread(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Who stands in a row that could not be read is in no answer. That is said, with the first of the places."""
    if not rows:
        return []
    were = "row" if len(rows) == 1 else "rows"
    told = [f"{path}:{line}: {reason}" for path, line, reason in rows[:PLACES]]
    more = [f"and {len(rows) - PLACES:,} more"] if len(rows) > PLACES else []
    return [
        f"{len(rows):,} {were} of the list of people could not be read; who stands there was not looked at",
        *told,
        *more,
    ]


def _by_person(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["person"]].append(row)
    return found


def _rows(engine: Engine, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = engine.arrow(sql).to_pylist()
    return found


def _utc(time: datetime | None) -> Any:
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time
