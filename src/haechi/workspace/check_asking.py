"""Asking for reasons: a mail server that can be reached, addresses that are some, lengths of time that are some."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from haechi.model.settings import AskingSettings, InspectionSettings, MailSettings
from haechi.workspace.positions import Path
from haechi.workspace.read import Complain
from haechi.workspace.units import duration

# What may stand in a header without quoting. Stricter than RFC 5321: an odd address is more likely a mistake.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
_REFERENCE = re.compile(r"(?:env|file):\S.*")
_SERVER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:-]*|::1")
_HERE = ("localhost", "127.0.0.1", "::1")
MOST_ROWS = 200


def is_address(text: str) -> bool:
    """Whether it is one mail address and nothing besides: `anna@shop.example`."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def check_asking(
    mail: MailSettings, asking: AskingSettings, inspection: InspectionSettings, complain: Complain
) -> None:
    """Complain about what would only fail when somebody is asked."""
    _mail(mail, complain)
    for name in ("due", "escalate", "link_life"):
        _length(getattr(asking, name), ("asking", name.replace("_", "-")), complain)
    for text in asking.remind:
        _length(text, ("asking", "remind"), complain)
    if inspection.due:
        _length(inspection.due, ("inspection", "due"), complain)
    if asking.escalate_to and not is_address(asking.escalate_to):
        complain(("asking", "escalate-to"), "is no mail address.")
    if not 1 <= asking.rows <= MOST_ROWS:
        complain(("asking", "rows"), f"must be 1 to {MOST_ROWS}.")
    if asking.url:
        _url(asking.url, complain)
    _database(asking.database, complain)


def _mail(mail: MailSettings, complain: Complain) -> None:
    if mail.sender and not is_address(mail.sender):
        complain(("mail", "sender"), "is no mail address.")
    if mail.credential and not _REFERENCE.fullmatch(mail.credential):
        # The text is not repeated: it may be the secret itself.
        complain(("mail", "credential"), 'must be "env:NAME" or "file:PATH", never the secret itself.')
    if bool(mail.user) != bool(mail.credential):
        complain(("mail",), 'needs both "user" and "credential", or neither.')
    if not mail.server:
        return
    if not _SERVER.fullmatch(mail.server):
        complain(("mail", "server"), "is no name or address of a server.")
    if not mail.sender:
        complain(("mail",), 'has no "sender", which it needs.')
    if not 1 <= mail.port <= 65535:
        complain(("mail", "port"), "must be 1 to 65535.")
    if mail.security == "none" and mail.server not in _HERE:
        complain(
            ("mail", "security"), f'may be "none" only for a server on this machine: {", ".join(_HERE)}.'
        )


def _url(url: str, complain: Complain) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        complain(("asking", "url"), "is no address.")
        return
    if parts.scheme not in ("https", "http") or not host or parts.query or parts.fragment or parts.username:
        complain(
            ("asking", "url"), "must be an address that begins with https:// and ends with a host or path."
        )
    elif parts.scheme == "http" and host not in _HERE:
        complain(
            ("asking", "url"), "must begin with https://: whoever reads a link on its way can answer it."
        )


def _database(database: str, complain: Complain) -> None:
    path: Path = ("asking", "database")
    if not re.fullmatch(r"sqlite:///\S.*|postgresql://\S+", database):
        complain(path, "must be sqlite:///FILE or postgresql://USER@HOST/NAME.")
        return
    if database.startswith("postgresql:"):
        try:
            password = urlsplit(database).password
        except ValueError:
            complain(path, "is no address.")
            return
        if password is not None:
            complain(path, "holds a password: PostgreSQL's own PGPASSFILE tells it instead.")


def _length(text: str, path: Path, complain: Complain) -> None:
    try:
        duration(text)
    except ValueError as error:
        complain(path, f"is {error}.")
