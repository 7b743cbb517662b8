"""Who is asked: the person behind an account, their addresses, and that nobody asks themself."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from haechi.evidence import bounded
from haechi.model.errors import AskError, InputError
from haechi.store.account import account
from haechi.store.interface import Engine
from haechi.workspace.check_asking import is_address
from haechi.workspace.load import Workspace

MOST: Final = 64 << 20  # bytes of a directory
_NAMED: Final = 3  # accounts of a person that are told
_ACCOUNT = re.compile(r"(\S+) \(uid \d+\)")


@dataclass(frozen=True)
class Whom:
    """name: as asked for. accounts: whose accesses are in question. names: all that the person is known by.

    mail, manager: addresses from the directory; "" where it tells none.
    """

    name: str
    accounts: tuple[str, ...]
    names: frozenset[str]
    mail: str
    manager: str

    @property
    def said(self) -> str:
        """As messages and lists name them: an account, or a person with their accounts."""
        if self.accounts == (self.name,):
            return self.name
        more = ", …" if len(self.accounts) > _NAMED else ""
        return f"{self.name} ({', '.join(self.accounts[:_NAMED])}{more})"


@dataclass(frozen=True)
class _Entry:
    names: frozenset[str]
    mail: str
    manager: str


class Directory:
    """The mail addresses of the people who work here, as [asking] `directory` names them."""

    def __init__(self, entries: Iterable[_Entry] = ()) -> None:
        self._by_name: dict[str, _Entry] = {}
        for entry in entries:
            for name in entry.names:
                self._by_name.setdefault(name, entry)

    @classmethod
    def of(cls, workspace: Workspace) -> Directory:
        """The workspace's; an empty one where none is named.

        Raises:
            InputError: the file cannot be read, has no column `mail`, or holds what is no address.
        """
        name = workspace.settings.asking.directory
        return cls(_entries(workspace.root / name)) if name else cls()

    def names(self, names: Collection[str]) -> frozenset[str]:
        """These names and all others of the same persons."""
        found = set(names)
        for name in names:
            if entry := self._by_name.get(name):
                found |= entry.names
        return frozenset(found)

    def mail(self, names: Iterable[str]) -> str:
        """The address of the person who bears one of these names; "" where it is not told."""
        return next((e.mail for name in sorted(names) if (e := self._by_name.get(name))), "")

    def manager(self, names: Iterable[str]) -> str:
        """The address of that person's manager; "" where it is not told."""
        for name in sorted(names):
            entry = self._by_name.get(name)
            if entry and entry.manager:
                own = self._by_name.get(plain_name(entry.manager))
                told = own.mail if own else entry.manager
                return told if is_address(told) else ""
        return ""


def find(engine: Engine, directory: Directory, person: str, own_account: str) -> Whom:
    """Who is meant by a person of the list of people, or by an account; one of the two is "".

    Raises:
        AskError: the list of people has no account of that person.
    """
    if person:
        rows = engine.rows(
            "SELECT DISTINCT account FROM person WHERE person = $person AND account IS NOT NULL ORDER BY account",
            {"person": person},
        )
        accounts = tuple(row[0] for row in rows)
        if not accounts:
            raise AskError(
                "the list of people has no account of that person",
                kept="nothing was sent",
                todo="name the account with --account, or collect the list of people",
            )
    else:
        accounts = (own_account,)
    names = directory.names(known_as(engine, (person, *accounts)))
    return Whom(person or own_account, accounts, names, directory.mail(names), directory.manager(names))


def known_as(engine: Engine, names: Iterable[str]) -> frozenset[str]:
    """All that the persons who bear these names are known by, on the list of people: persons and accounts."""
    found = {name for name in names if name}
    engine.register("whom_name", pa.table({"name": pa.array(sorted(found), pa.string())}))
    rows = engine.rows(
        """
        SELECT DISTINCT unnest([o.person, o.account]) FROM person AS p JOIN person AS o ON o.person = p.person
        WHERE p.person IN (SELECT name FROM whom_name) OR p.account IN (SELECT name FROM whom_name)
        """
    )
    return frozenset(plain_name(name) for name in (*found, *(row[0] for row in rows if row[0])))


def asker_names(by: str = "") -> frozenset[str]:
    """What whoever uses this machine's account is called: its name, and who became that account by sudo."""
    return frozenset(plain_name(name) for name in _ACCOUNT.findall(by or account()))


def check_other(asker: Collection[str], asked: Collection[str], verb: str) -> None:
    """Raise `AskError` where both have a name in common. An address counts by its local part too."""
    if _all_names(asker) & _all_names(asked):
        raise AskError(
            f"who {verb} cannot be who is asked",
            kept="nothing was changed or sent",
            todo="have somebody else do it, from an account of their own",
        )


def plain_name(name: str) -> str:
    """A name to compare: the same for letters that look the same, however they are coded."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _all_names(names: Collection[str]) -> set[str]:
    plain = {plain_name(name) for name in names if name}
    return plain | {name.split("@")[0] for name in plain if "@" in name}


def _entries(file: Path) -> Iterator[_Entry]:
    try:
        text = bounded.read(file, MOST).decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            f"the directory of mail addresses cannot be read: {error.strerror}", where=str(file)
        ) from None
    except UnicodeDecodeError:
        raise InputError("the directory of mail addresses is not UTF-8 text", where=str(file)) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = {plain_name(name): name for name in reader.fieldnames or ()}
    if "mail" not in columns or not columns.keys() & {"person", "account"}:
        raise InputError(
            "the directory of mail addresses needs the columns mail, and person or account", where=str(file)
        )
    for row in reader:
        told = {name: (row.get(column) or "").strip() for name, column in columns.items()}
        if not told["mail"]:
            continue
        if not is_address(told["mail"]):
            raise InputError(
                "what stands under mail is no mail address", where=f"{file}, line {reader.line_num}"
            )
        names = (told.get("person", ""), told.get("account", ""), told["mail"])
        yield _Entry(frozenset(map(plain_name, filter(None, names))), told["mail"], told.get("manager", ""))
