"""Messages are handed to a real mail server, and what it says is understood."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.respond.mailbox import Mailbox, serving

from haechi.model.errors import AskError, SettingsError
from haechi.model.settings import MailSettings
from haechi.respond import mail
from haechi.respond.mail import Delivered, Server

HERE = "127.0.0.1"


def message() -> EmailMessage:
    made = EmailMessage()
    made["Message-ID"], made["To"], made["Subject"] = "<1@office.example>", "bora@office.example", "사유"
    made.set_content("무엇 때문에")
    return made


def send(port: int, folder: Path = Path(), handing: bool = True, **settings: object) -> Delivered:
    given = {"server": HERE, "port": port, "security": "none", "sender": "privacy@office.example"} | settings
    return Server(MailSettings(**given), folder).deliver(message(), lambda: handing)  # type: ignore[arg-type]


def test_a_message_arrives_as_it_was_written(box: Mailbox) -> None:
    assert send(box.port) == Delivered("sent")
    (came,) = box.messages
    assert came["Message-ID"] == "<1@office.example>" and came.get_content() == "무엇 때문에\r\n"
    assert came["Subject"] == "사유" and came["X-MailFrom"] is None


@pytest.mark.parametrize(
    ("rcpt", "data", "how", "told"),
    [
        ("550 5.1.1 no such user bora@office.example", "", "refused", "the recipient's address (550 5.1.1)"),
        ("451 4.7.1 greylisted, bora@office.example", "", "later", "the recipient's address (451 4.7.1)"),
        ("", "554 5.6.0 never", "refused", "the message (554 5.6.0)"),
        ("", "452 4.3.1 full", "later", "the message (452 4.3.1)"),
        ("421 closing", "", "later", "(421)"),
    ],
)
def test_a_refusal_is_final_or_not_and_repeats_no_address(
    box: Mailbox, rcpt: str, data: str, how: str, told: str
) -> None:
    box.rcpt, box.data = rcpt, data
    ended = send(box.port)
    assert ended.how == how and told in ended.told and "bora" not in ended.told and not box.messages


def test_what_is_kept_back_does_not_go(box: Mailbox) -> None:
    assert send(box.port, handing=False).how == "later" and not box.messages


def test_a_server_that_is_not_there_or_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "WAIT", 0.3)
    with socket.create_server((HERE, 0)) as silent:
        assert "did not answer in time" in send(silent.getsockname()[1]).told
        port = silent.getsockname()[1]
    assert "cannot be reached" in send(port).told


def test_a_server_that_hangs_up_in_the_middle() -> None:
    def speak(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"220 hello\r\n")
            connection.recv(1000)

    with socket.create_server((HERE, 0)) as listening:
        thread = threading.Thread(target=speak, args=(listening,))
        thread.start()
        ended = send(listening.getsockname()[1])
        thread.join()
    assert ended.how == "later" and "hung up" in ended.told


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate of this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HERE))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "mail.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "mail.key").write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    return folder / "mail.pem", folder / "mail.key"


def test_a_login_goes_only_over_a_line_that_can_be_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []

    def login(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        heard.append(data.password)  # type: ignore[attr-defined]
        return AuthResult(success=data.password == b"s3cret")  # type: ignore[attr-defined]

    pem, key = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key)
    own = {"security": "starttls", "user": "haechi", "credential": "env:MAIL_SECRET"}
    with serving(tls_context=context, require_starttls=True, authenticator=login, auth_required=True) as box:
        monkeypatch.setenv("MAIL_SECRET", "s3cret")
        strange = send(box.port, tmp_path, **own)
        assert strange.how == "later" and "cannot be trusted" in strange.told and not heard
        assert send(box.port, tmp_path, ca="mail.pem", **own) == Delivered("sent")
        monkeypatch.setenv("MAIL_SECRET", "wrong")
        refused = send(box.port, tmp_path, ca="mail.pem", **own)
        assert (refused.how, "wrong" in refused.told) == ("later", False)  # corrected, the message can go
        monkeypatch.delenv("MAIL_SECRET")
        with pytest.raises(SettingsError, match="MAIL_SECRET"):
            send(box.port, tmp_path, ca="mail.pem", **own)
    assert len(box.messages) == 1


def test_a_server_without_tls_gets_nothing(box: Mailbox) -> None:
    assert send(box.port, security="starttls").how == "later" and not box.messages


def test_without_a_server_nothing_is_tried() -> None:
    with pytest.raises(AskError, match="no mail server is set"):
        Server(MailSettings(), Path())
