"""What rules may read beside the collected tables: settings as tables, and shared results, made once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from haechi.detect.large import keep_sliced, unvouched_signed
from haechi.detect.network import provide_network
from haechi.detect.reasons import reason_tables
from haechi.detect.rule import code
from haechi.identity.intervals import EVER, place
from haechi.model.settings import Settings
from haechi.store.interface import Engine
from haechi.workspace.units import duration

SHARED = Path(__file__).parent / "sql"
# Who works here, and whose account is whose: rules and the leaver check say the same.
IDENTITY = (place("employment"), place("person_account"))
# Whose data a record asked for, as an SQL macro of the engine: one rule for findings, cases and scope.
ASKED_SUBJECT = (SHARED / "asked_subject.sql").read_text(encoding="utf-8").rstrip().removesuffix(";")


def arrow_schema(**types: pa.DataType) -> pa.Schema:
    """A schema of these columns."""
    return pa.schema(types)


_TEXT, _TIME = pa.string(), pa.timestamp("us")
ISSUER_SETTING = arrow_schema(issuer=_TEXT, issuance_source=_TEXT, token_life_us=pa.int64())
KEY_SETTING = arrow_schema(issuer=_TEXT, kid=_TEXT, not_before=_TIME, not_after=_TIME, secret=_TEXT)
WORKSPACE_SETTING = arrow_schema(zone=_TEXT)
HONEY_KEY = arrow_schema(issuer=_TEXT, kid=_TEXT)
KEY_READER_SETTING = arrow_schema(issuer=_TEXT, kid=_TEXT, person=_TEXT)

_TABLE = re.compile(r"^CREATE OR REPLACE TEMP TABLE (\w+) AS\b", re.M)

# What a rule says when a table that it needs is empty.
EMPTY = {
    "personal_access": "no page is known to show personal data",
    "visit": "no access record tells an address or a client",
    "flow": "no record tells how many bytes left a host",
    "access": "no access records were collected",
    "issuance": "no issuance records were collected",
    "subject": "no registry of data subjects was collected",
    "person": "no list of people was collected",
    "reason": "no reasons for accesses (tickets, orders, approvals) were collected",
    "fact": "no facts about accounts, rights and secrets were collected",
    "judged_team": "no team has a reason on record for most of its look-ups",
    "secret_read": "no record tells of a cloud's secrets",
    "export_reason": "neither approvals were collected nor purposes declared",
    "shift": "no shifts were collected",
    "network": "haechi.toml names no file that tells of networks",
    "issuer_setting": "haechi.toml names no issuer",
    "key_setting": "haechi.toml names no signing key",
    "honey_key": "haechi.toml names no honey key",
    "key_reader": "nobody is known who could read a signing key",
}


def settings_tables(settings: Settings) -> dict[str, pa.Table]:
    """What haechi.toml says of issuers and their keys, a row a fact (`*_setting`, `honey_key`), and of the workspace,
    in one row (`workspace_setting`)."""
    issuers = [
        {
            "issuer": issuer.name,
            "issuance_source": issuer.issuance,
            "token_life_us": round(duration(issuer.token_life).total_seconds() * 1e6),
        }
        for issuer in settings.issuers
    ]
    keys = [
        {
            "issuer": issuer.name,
            "kid": key.kid,
            "not_before": _utc(key.not_before),
            "not_after": _utc(key.not_after),
            "secret": key.secret or None,
        }
        for issuer in settings.issuers
        for key in issuer.keys
    ]
    honey = [
        {"issuer": issuer.name, "kid": key.kid}
        for issuer in settings.issuers
        for key in issuer.keys
        if key.honey
    ]
    readers = [
        {"issuer": issuer.name, "kid": key.kid, "person": person}
        for issuer in settings.issuers
        for key in issuer.keys
        for person in key.readers
    ]
    return {
        "issuer_setting": pa.Table.from_pylist(issuers, ISSUER_SETTING),
        "key_setting": pa.Table.from_pylist(keys, KEY_SETTING),
        "honey_key": pa.Table.from_pylist(honey, HONEY_KEY),
        "key_reader_setting": pa.Table.from_pylist(readers, KEY_READER_SETTING),
        **reason_tables(settings),
        "workspace_setting": pa.Table.from_pylist([{"zone": settings.workspace.timezone}], WORKSPACE_SETTING),
    }


def _utc(time: datetime | None) -> datetime | None:
    return time.astimezone(UTC).replace(tzinfo=None) if time is not None and time.tzinfo else time


class Shared:
    """The results that several rules build on (`sql/*.sql`), each made when a rule first names it."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings | None = None,
        given: Collection[str] = (),
        owners: dict[str, Shared] | None = None,
    ) -> None:
        """`given`: what the engine shows already under these names. `owners`: whose each result is just now, where
        several make theirs under the same names in one engine, each from other records."""
        self._engine = engine
        self._owners = {} if owners is None else owners
        self._files = {path.stem: path for path in (*SHARED.glob("*.sql"), *IDENTITY)}
        self._making: set[str] = set()
        # Tables that no one SQL makes.
        network = (settings or Settings()).network
        self._makers = {
            "network": lambda: provide_network(engine, network),
            "unvouched_signed": lambda: unvouched_signed(engine, self.provide),
        }
        self._word = re.compile(r"\b(" + "|".join(sorted({*self._files, *self._makers})) + r")\b")
        self._given = frozenset(given)
        self._has_rows: dict[str, bool] = {}

    def has_rows(self, table: str) -> bool:
        """Whether a table, or a shared result, that rules need holds anything. Asked once."""
        if table not in self._has_rows:
            self.provide(table)
            self._has_rows[table] = bool(self._engine.rows(f"SELECT 1 FROM {table} LIMIT 1"))
        return self._has_rows[table]

    def provide(self, sql: str, making: Callable[[Path], None] = lambda path: None) -> None:
        """Make what the SQL names, and what that builds on. `making` is told each file before it runs.

        Raises:
            whatever the engine raises; what was not made is tried again by the next rule that names it.
        """
        for name in sorted(set(self._word.findall(code(sql))) - self._given - self._making):
            own = self._owners.get(name) is self
            if name in self._makers:
                if not own:
                    self._makers[name]()
                    self._owners[name] = self
                continue
            text = self._files[name].read_text(encoding="utf-8")
            if own and "TEMP TABLE" in text:
                continue
            self._making.add(name)  # its own text names it
            try:
                # What a view is made of may have become another's since.
                self.provide(text, making)
                if not own:
                    making(self._files[name])
                    self.make(text.rstrip().removesuffix(";"))
                    self._owners[name] = self
            finally:
                self._making.discard(name)

    def make(self, text: str) -> None:
        """Run one result's text. Tables are kept as the engine sees fit: the same rows, wherever they lie."""
        made = _TABLE.search(text)
        params = {"at": EVER} if "$at" in text else None
        if made is None:
            self._engine.execute(text, params)
            return
        # What stands before it are comments, and keep the lines of errors as they are in the file.
        sql = text[: made.start()] + text[made.end() :]
        if params:
            self._engine.keep(made[1], sql, params=params)
        else:
            keep_sliced(self._engine, made[1], sql)
