"""Hand a message to the mail server (SMTP, RFC 5321), and know how far that got."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Literal

from haechi.identity.references import secret_reader
from haechi.model.errors import AskError
from haechi.model.settings import MailSettings

WAIT: Final = 20.0  # seconds for any one answer of the server
LONGEST: Final = 240.0  # seconds that a whole delivery can last: no more than a dozen answers
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b", re.ASCII)


@dataclass(frozen=True)
class Delivered:
    """How it ended.

    sent:    the server has taken it
    later:   it did not take it now, or it is not known whether it did
    refused: it will never take this message
    told:    why, without anybody's address
    """

    how: Literal["sent", "later", "refused"]
    told: str = ""


class Server:
    """The mail server of [mail]. `folder`: of haechi.toml. Raises `AskError` where none is set."""

    def __init__(self, settings: MailSettings, folder: Path) -> None:
        if not settings.server:
            raise AskError(
                "no mail server is set",
                kept="nothing was sent",
                todo="add [mail] to haechi.toml: docs/settings.md",
            )
        self.settings, self._folder = settings, folder

    def deliver(self, message: EmailMessage, handing: Callable[[], bool]) -> Delivered:
        """Send one message. `handing` is called just before it is handed over: False keeps it back.

        Whatever happens before that call, the server has not got it. Raises `SettingsError` for a secret that is
        not where haechi.toml says.
        """
        try:
            with self._connected() as session:
                return self._sent(session, message, handing)
        except smtplib.SMTPResponseException as error:
            return self._answered(error.smtp_code, error.smtp_error, "the mail server")
        except smtplib.SMTPServerDisconnected:
            return Delivered("later", f"the mail server {self._name} hung up, or did not answer in time")
        except ssl.SSLCertVerificationError as error:
            return Delivered(
                "later", f"the certificate of {self._name} cannot be trusted: {error.verify_message}"
            )
        except (smtplib.SMTPException, ssl.SSLError) as error:
            return Delivered("later", f"{self._name} cannot be used: {type(error).__name__}")
        except TimeoutError:
            return Delivered("later", f"the mail server {self._name} did not answer in time")
        except OSError as error:
            return Delivered(
                "later", f"the mail server {self._name} cannot be reached: {error.strerror or 'unknown'}"
            )

    def _sent(self, session: smtplib.SMTP, message: EmailMessage, handing: Callable[[], bool]) -> Delivered:
        sender, recipient = self.settings.sender, message["To"].addresses[0].addr_spec
        data = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))  # RFC 5321, 2.3.8
        code, text = session.mail(sender, [f"size={len(data)}"] if session.has_extn("size") else [])
        if code != 250:
            return self._answered(code, text, "the sender's address")
        code, text = session.rcpt(recipient)
        if code not in (250, 251):
            return self._answered(code, text, "the recipient's address")
        if not handing():
            session.rset()
            return Delivered("later", "another process took the message over")
        code, text = session.data(data)
        return Delivered("sent") if code == 250 else self._answered(code, text, "the message")

    def _connected(self) -> smtplib.SMTP:
        given = self.settings
        if given.security == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                given.server, given.port, timeout=WAIT, context=self._context()
            )
        else:
            session = smtplib.SMTP(given.server, given.port, timeout=WAIT)
        try:
            if given.security == "starttls":
                session.starttls(context=self._context())
            session.ehlo_or_helo_if_needed()
            if given.user:
                secret = secret_reader(self._folder)(given.credential)
                session.login(given.user, secret.decode())
        except BaseException:
            session.close()
            raise
        return session

    def _context(self) -> ssl.SSLContext:
        ca = self.settings.ca
        return ssl.create_default_context(cafile=str(self._folder / ca) if ca else None)

    def _answered(self, code: int, text: bytes | str, what: str) -> Delivered:
        """Only the codes are told: what else a server says may quote the address."""
        said = text.decode("ascii", "replace") if isinstance(text, bytes) else text
        found = _ENHANCED.match(said.strip())
        codes = f"{code} {found[0]}" if found else str(code)
        # A refused login is the fault of the settings, not of the message: corrected, it can go.
        final = 500 <= code < 600 and what != "the mail server"
        verb = "refused" if code >= 500 else "did not take"
        return Delivered("refused" if final else "later", f"{self._name} {verb} {what} ({codes})")

    @property
    def _name(self) -> str:
        return f"{self.settings.server}:{self.settings.port}"
