"""Values of Sigma conditions as SQL. Text is compared without case, `*` and `?` are wildcards.

An expression may be NULL where the field is absent; whoever negates it writes `IS NOT TRUE`.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from sigma.exceptions import SigmaValueError
from sigma.types import Placeholder, SigmaRegularExpression, SigmaString, SpecialChars

from haechi.detect.sigma.fields import Column
from haechi.store import sql

_ESCAPED = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def as_text(column: Column) -> str:
    """The column as text, as a log shows it."""
    return column.sql if column.kind == "text" else f"CAST({column.sql} AS VARCHAR)"


def as_number(column: Column) -> str:
    """The column as a number; NULL where it is none."""
    return column.sql if column.kind == "number" else f"TRY_CAST({column.sql} AS DOUBLE)"


def literal(text: str) -> str:
    """A text as SQL on one line."""
    quoted = sql.literal(text)
    return quoted if "\n" not in text else "(" + quoted.replace("\n", "' || chr(10) || '") + ")"


def equals(column: Column, value: SigmaString, cased: bool = False) -> str:
    """Whether the column is this text, or fits its wildcards."""
    text = as_text(column)
    if not all(isinstance(part, str) for part in value.s):
        return f"{text} {'LIKE' if cased else 'ILIKE'} {_pattern(_like(value))}"
    plain = _plain(value)
    if not plain:  # an empty field and an absent one are collected alike
        return f"coalesce({text}, '') = ''"
    if cased or plain.lower() == plain.upper():
        return f"{text} = {literal(plain)}"
    # What Python and the engine do to letters beyond ASCII may differ, so the engine does it to both.
    wanted = literal(plain.lower()) if plain.isascii() else f"lower({literal(plain)})"
    return f"lower({text}) = {wanted}"


def somewhere(columns: list[str], value: SigmaString) -> str:
    """Whether one of these text columns contains the value."""
    return f"concat_ws(chr(10), {', '.join(columns)}) ILIKE {_pattern(f'%{_like(value)}%')}"


def matches(text: str, value: SigmaRegularExpression) -> str:
    """Whether an RE2 expression matches somewhere in the text."""
    pattern = value.escape([], escape_escape_char=False)
    return f"regexp_matches({text}, {literal(pattern)})"


def within(column: Column, network: IPv4Network | IPv6Network) -> str:
    """Whether an address lies in a network. The shared macro `address_number` compares IPv4 and IPv6 alike."""
    first, last = (
        address_number(network, int(address))
        for address in (network.network_address, network.broadcast_address)
    )
    if column.sql == "client_ip":
        return f"client_ip IN (SELECT client_ip FROM numbered_address WHERE number BETWEEN '{first}' AND '{last}')"
    return f"address_number({as_text(column)}) BETWEEN '{first}' AND '{last}'"


def address_number(network: IPv4Network | IPv6Network, address: int) -> str:
    """An address as 32 hexadecimal digits; IPv4 as the IPv6 address that stands for it (RFC 4291, 2.5.5.2)."""
    mapped = 0xFFFF << 32 if network.version == 4 else 0
    return f"{mapped | address:032x}"


def _like(value: SigmaString) -> str:
    return "".join(part.translate(_ESCAPED) if isinstance(part, str) else _wild(part) for part in value.s)


def _wild(part: SpecialChars | Placeholder) -> str:
    if isinstance(part, Placeholder):
        raise SigmaValueError(f"the placeholder %{part.name}% stands for a list that is not in the rule")
    return "%" if part is SpecialChars.WILDCARD_MULTI else "_"


def _pattern(like: str) -> str:
    escape = " ESCAPE '\\'" if "\\" in like else ""
    return literal(like) + escape


def _plain(value: SigmaString) -> str:
    return "".join(part for part in value.s if isinstance(part, str))
