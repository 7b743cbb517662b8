"""What OpenLDAP's access log (slapo-accesslog(5)) tells of the past: accounts and memberships that came and went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from haechi.identity.interface import Fact
from haechi.identity.sources.ldap_names import below, group_right, key, parts, when
from haechi.identity.sources.ldap_pages import Entry, Pages
from haechi.identity.sources.making import Maker
from haechi.model.words import FactState

_DONE: Final = "(&(|(objectClass=auditAdd)(objectClass=auditDelete)(objectClass=auditModify))(reqResult=0))"
_ASKED: Final = ("reqType", "reqDN", "reqStart", "reqMod", "reqAuthzID")
_MEMBERS: Final = ("member", "uniquemember", "memberuid")


def history(pages: Pages, make: Maker, log: str, base: str, names: Sequence[str]) -> Iterator[Fact]:
    """Facts at the time at which they came about. Only accounts that are named by their DN (uid=kim,...) are known.

    Raises as `Pages.search`.
    """
    known = {name.lower() for name in names}
    for entry in pages.search(log, _DONE, _ASKED):
        time, dn = when(entry.first("reqStart")), entry.first("reqDN")
        if time is None or not below(dn, base):
            continue
        evidence = (
            f"access log {entry.first('reqStart')}: {entry.first('reqType')} by {entry.first('reqAuthzID')}"
        )
        kind, account = entry.first("reqType"), _account(dn, known)
        if kind in ("add", "delete") and account:
            state: FactState = "alive" if kind == "add" else "dead"
            yield _at(time, make(
                "account", evidence, state=state, account=account, object=key(dn),
                first=time if kind == "add" else None, last=time if kind == "delete" else None,
            ))  # fmt: skip
        yield from _memberships(entry, dn, time, evidence, make, known)


def _memberships(
    entry: Entry, dn: str, time: datetime, evidence: str, make: Maker, known: set[str]
) -> Iterator[Fact]:
    for change in entry.all("reqMod"):
        attribute, _, told = change.partition(":")
        sign, member = told[:1], told[1:].strip()
        if attribute.lower() not in _MEMBERS or sign not in ("+", "-") or not member:
            continue
        account = member if attribute.lower() == "memberuid" else _account(member, known)
        if account:
            gone = sign == "-"
            yield _at(time, make(
                "grant", evidence, state="dead" if gone else "alive", account=account, object=group_right(dn),
                first=None if gone else time, last=time if gone else None,
            ))  # fmt: skip


def _at(time: datetime, fact: Fact) -> Fact:
    return replace(fact, time=time)


def _account(dn: str, known: set[str]) -> str:
    """The account in the first part of a DN; "" where it names something else."""
    first = parts(dn)[:1]
    return first[0][1] if first and first[0][0] in known else ""
