"""Names and times of LDAP in one form, so that equal ones compare equal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ldap3.core.exceptions import LDAPException
from ldap3.utils.dn import parse_dn


def key(dn: str) -> str:
    """A DN (RFC 4514) in lower case and without spaces around its parts: most directories compare them so."""
    return "".join(f"{name}={value}{end}" for name, value, end in parts(dn)) or dn.lower()


def parts(dn: str) -> list[tuple[str, str, str]]:
    """(name of the attribute, value, separator behind it), all in lower case; none where it is no DN."""
    try:
        found = parse_dn(dn, strip=True)
    except LDAPException:
        return []
    return [(name.strip().lower(), value.strip().lower(), end) for name, value, end in found]


def below(dn: str, base: str) -> bool:
    """Whether an entry is the base or stands below it."""
    return key(dn) == key(base) or key(dn).endswith(f",{key(base)}")


def group_right(dn: str) -> str:
    """What being in a group is called as a right."""
    return f"group/{key(dn)}"


def when(text: str) -> datetime | None:
    """A generalized time (RFC 4517, section 3.3.13) in UTC, as servers write it; None: none, or another form."""
    digits, dot, fraction = text.removesuffix("Z").partition(".")
    if not text.endswith("Z") or len(digits) != 14 or not (digits + fraction).isdecimal():
        return None
    try:
        time = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return time + timedelta(microseconds=int(fraction[:6].ljust(6, "0"))) if dot and fraction else time
