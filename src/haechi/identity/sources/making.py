"""Facts of one system, asked at one time: bounded in number and length, whatever a server says."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Final

from haechi.identity.interface import Asking, Fact
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings
from haechi.model.words import FactKind, FactState

MOST_FACTS: Final = 2_000_000
MOST_ITEMS: Final = 1_000_000  # of one list
MOST_PAGES: Final = 20_000  # of one list
_LONGEST_NAME: Final = 2048  # characters


class Maker:
    """Makes facts of one system.

    Raises:
        IdentityError: from any call: a name is longer, or there are more facts, than an honest system has.
    """

    def __init__(self, system: SystemSettings, asking: Asking) -> None:
        self._system, self._now, self._made = system, asking.now, 0

    def __call__(
        self,
        kind: FactKind,
        evidence: str,
        *,
        state: FactState = "alive",
        person: str = "",
        account: str = "",
        object: str = "",
        version: str = "",
        first: datetime | None = None,
        last: datetime | None = None,
        how: str = "",
    ) -> Fact:
        self._made += 1
        if self._made > MOST_FACTS:
            raise self.trouble(f"it tells more than {MOST_FACTS:,} facts")
        return Fact(
            self._now, kind, self._system.name, state, self._text(evidence), self._text(person),
            self._text(account), self._text(object), self._text(version), first, last, how,
        )  # fmt: skip

    def listings(self, evidence: str, *kinds: FactKind) -> Iterator[Fact]:
        """That all facts of these kinds were listed: what is not among them is no more."""
        for kind in kinds:
            yield self("listing", evidence, object=kind)

    def some(self, found: Collection[object], what: str) -> None:
        """Raises `IdentityError` where nothing was found: a list without anything is what rights that were taken
        from us, or another address, look like too, and would call everything dead."""
        if not found:
            raise self.trouble(
                f"it shows no {what} at all, which may be hidden from us: nothing is concluded from that",
                todo="docs/systems.md says which rights the asking account needs.",
            )

    def trouble(self, why: str, *, where: str = "", todo: str = "") -> IdentityError:
        """An error about this system. `why` must hold nothing that the server said."""
        return IdentityError(
            f'system "{self._system.name}": {why}', where=where or self._system.url, todo=todo
        )

    def _text(self, text: str) -> str:
        if len(text) > _LONGEST_NAME:
            raise self.trouble(f"it tells a name of more than {_LONGEST_NAME:,} characters")
        return text if text.isprintable() else "".join(map(_shown, text))


def utc(text: str | None) -> datetime | None:
    """A time in ISO 8601 (RFC 3339) with its zone; None: there is none, or it cannot be read."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if time.tzinfo is None:
        return None
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return None


def _shown(char: str) -> str:
    """A character; controls and halves of characters as escapes, since no name has them and lines break at them."""
    return (
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
        else char
    )
