"""RFC 3161 timestamps: an authority's signature that a checkpoint existed at a time.

Stamped is SHA-256 of the checkpoint's whole body (origin, size, root and what else the log signs), so one
timestamp dates every entry that the checkpoint covers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from haechi.evidence import durable
from haechi.evidence.ask import ask
from haechi.evidence.checkpoint import Checkpoint
from haechi.model.errors import EvidenceError

FOLDER: Final = "stamped"
SECONDS: Final = 20.0  # for the authority's answer
MAX_ANSWER: Final = 1 << 18  # bytes
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_WHO: Final = "the timestamp authority"
_QUERY: Final = "application/timestamp-query"


@dataclass(frozen=True)
class Stamp:
    """What a timestamp that holds says. `authority`: its certificate's name; `expires`: when that ends."""

    time: datetime
    authority: str
    expires: datetime


def stamp(root: Path, point: Checkpoint, url: str, roots_pem: bytes, seconds: float = SECONDS) -> Stamp:
    """Have a checkpoint timestamped, and put the timestamp into the store below `root`.

    Raises:
        EvidenceError: the authority does not answer, or what it answers does not hold; nothing is stored then.
    """
    answer = request(url, point.body, seconds)
    found = verify(answer, point.body, roots_pem, datetime.now(UTC))
    path = file(root, point.size)
    try:
        path.parent.mkdir(exist_ok=True)
        durable.sync_directory(root)
        durable.replace(path, answer)
    except OSError as error:
        raise EvidenceError(f"a timestamp cannot be stored: {error.strerror}", where=str(path)) from error
    return found


def file(root: Path, size: int) -> Path:
    """Where the timestamp of the checkpoint of that size stands."""
    return root / FOLDER / f"{size}.tsr"


def request(url: str, body: str, seconds: float = SECONDS) -> bytes:
    """Ask an authority for a timestamp of a checkpoint's body: its answer, of which only the nonce was checked.

    Raises:
        EvidenceError: no answer, no timestamp in it, or one of another request.
    """
    asked = TimestampRequestBuilder().data(body.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = ask(_WHO, "POST", url, asked.as_bytes(), type=_QUERY, most=MAX_ANSWER, seconds=seconds)
    if answer.status != 200:
        raise EvidenceError(f"{_WHO} gave no usable answer: it answered {answer.status}", where=url)
    if _granted(_decode(answer.body)).tst_info.nonce != asked.nonce:
        raise _bad("it answers another request", "ask again; if it stays so, use another authority")
    return answer.body


def verify(tsr: bytes, body: str, roots_pem: bytes, at: datetime | None = None) -> Stamp:
    """Check a timestamp of a checkpoint's body, offline.

    `roots_pem`: the certificates that are trusted, PEM. The authority's certificate must have been valid at the
    time that the timestamp tells, and, where `at` is given, must not have expired by then: after that nobody
    vouches that its key was kept.

    Raises:
        EvidenceError: in one sentence what is wrong.
    """
    answer = _granted(_decode(tsr))
    info = answer.tst_info
    imprint = info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != sha256(body.encode()).digest():
        raise _bad("it is of another checkpoint", "look for the timestamp of this one")
    told = info.gen_time
    certificate = _authority(answer)
    expires = certificate.not_valid_after_utc
    if not certificate.not_valid_before_utc <= told <= expires:
        raise _bad(
            f"the authority's certificate was not valid when it was made ({told:%Y-%m-%d})",
            "have a newer checkpoint timestamped: it covers all that this one does",
        )
    _trusted(answer, body, roots_pem)
    if at is not None and at < told:
        raise _bad(
            "it tells a time that has not come yet", "check this machine's clock, then the authority's"
        )
    if at is not None and at > expires:
        raise _bad(
            f"the authority's certificate expired on {expires:%Y-%m-%d}",
            "have a newer checkpoint timestamped: it covers all that this one does",
        )
    return Stamp(told, certificate.subject.rfc4514_string(), expires)


def _decode(tsr: bytes) -> TimeStampResponse:
    try:
        answer = decode_timestamp_response(tsr)
    except ValueError:
        raise _bad("it cannot be read", "restore the file from a copy of the store") from None
    return answer


def _granted(answer: TimeStampResponse) -> TimeStampResponse:
    if answer.status != PKIStatus.GRANTED:
        raise _bad("the authority refused to make it", "ask again, or use another authority")
    return answer


def _authority(answer: TimeStampResponse) -> x509.Certificate:
    """The certificate that the signature names as its own."""
    signers = list(answer.signed_data.signer_infos)
    certificates = [x509.load_der_x509_certificate(data) for data in answer.signed_data.certificates]
    for found in certificates:
        if len(signers) == 1 and (found.issuer, found.serial_number) == (
            signers[0].issuer,
            signers[0].serial_number,
        ):
            return found
    raise _bad("it does not hold the authority's certificate", "use an authority that sends it along")


def _trusted(answer: TimeStampResponse, body: str, roots_pem: bytes) -> None:
    try:
        roots = x509.load_pem_x509_certificates(roots_pem)
    except ValueError:
        raise EvidenceError(
            "the certificates for timestamps cannot be read: they are not PEM",
            todo="name a PEM file of the authority's root certificates in timestamp-roots",
        ) from None
    try:
        VerifierBuilder(roots=roots).build().verify_message(answer, body.encode())
    except VerificationError:
        raise _bad(
            "it does not rest on a certificate that is trusted here, or it was altered",
            "compare the authority with the one in haechi.toml; restore the file from a copy of the store",
        ) from None


def _bad(why: str, todo: str) -> EvidenceError:
    return EvidenceError(f"a timestamp does not hold: {why}", todo=todo)
