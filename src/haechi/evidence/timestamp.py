"""RFC 3161 timestamps: an authority's signature that a checkpoint existed at a time.

Stamped is SHA-256 of the checkpoint's whole body (origin, size, root and what else the log signs), so one
timestamp dates every entry that the checkpoint covers.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
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
from haechi.evidence.der import certificates, signature_algorithm, with_certificates
from haechi.model.errors import EvidenceError

FOLDER: Final = "stamped"
SECONDS: Final = 20.0  # for the authority's answer
MAX_ANSWER: Final = 1 << 18  # bytes
_NEWER: Final = "have a newer checkpoint timestamped: it covers all that this one does"
_VERSIONS: Final = 3, 1  # of the signed data and of the signer, RFC 5652, 5.1 and 5.3
_ALGORITHMS: Final = (  # of the signature, in DER
    "300d06092a864886f70d0101010500",  # RSA, with the digest's own name beside it
    "300d06092a864886f70d01010b0500",  # RSA with SHA-256, 384, 512
    "300d06092a864886f70d01010c0500",
    "300d06092a864886f70d01010d0500",
    "304106092a864886f70d01010a",  # RSASSA-PSS and its parameters
    "300a06082a8648ce3d040302",  # ECDSA with SHA-256, 384, 512
    "300a06082a8648ce3d040303",
    "300a06082a8648ce3d040304",
    "300506032b6570",  # Ed25519
)
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
    answer = pruned(request(url, point.body, seconds), roots_pem)
    found = verify(answer, point.body, roots_pem, datetime.now(UTC))
    _store(file(root, point.size), answer)
    keep_head(root, point)
    return found


def keep_head(root: Path, point: Checkpoint) -> None:
    """Put the head that was stamped beside its timestamp, so that anybody can check it when the log has gone on.

    Raises:
        EvidenceError: it cannot be stored.
    """
    path = head_file(root, point.size)
    if not path.exists():
        _store(path, point.text().encode())


def _store(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        durable.sync_directory(path.parent.parent)
        durable.replace(path, data)
    except OSError as error:
        raise EvidenceError(f"a timestamp cannot be stored: {error.strerror}", where=str(path)) from error


def head_file(root: Path, size: int) -> Path:
    """Where the checkpoint that was stamped stands: a note with the log's signature."""
    return root / FOLDER / str(size)


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
    if _Token.read(answer.body).nonce != asked.nonce:
        raise _bad("it answers another request", "ask again; if it stays so, use another authority")
    return answer.body


def pruned(tsr: bytes, roots_pem: bytes) -> bytes:
    """The timestamp without certificates of which nobody here knows the issuer, as authorities send along.

    What is left can be checked to the last byte; `verify` refuses the others.
    """
    roots, found = _roots(roots_pem), _Token.read(tsr).certificates
    kept = [own for own in found if _vouched(own, [*roots, *found])]
    return with_certificates(tsr, (own.public_bytes(Encoding.DER) for own in kept))


def verify(tsr: bytes, body: str, roots_pem: bytes, at: datetime | None = None) -> Stamp:
    """Check a timestamp of a checkpoint's body, offline. It must be `pruned`.

    `roots_pem`: the certificates that are trusted, PEM. The authority's certificate must have been valid at the
    time that the timestamp tells, and, where `at` is given, must not have expired by then: after that nobody
    vouches that its key was kept.

    Raises:
        EvidenceError: in one sentence what is wrong.
    """
    roots, token = _roots(roots_pem), _Token.read(tsr)
    if token.algorithm != _SHA256 or token.digest != sha256(body.encode()).digest():
        raise _bad("it is of another checkpoint", "look for the timestamp of this one")
    expires = token.authority.not_valid_after_utc
    if not token.authority.not_valid_before_utc <= token.time <= expires:
        raise _bad(
            f"the authority's certificate was not valid when it was made ({token.time:%Y-%m-%d})", _NEWER
        )
    token.check(roots)
    if at is not None and at < token.time:
        raise _bad(
            "it tells a time that has not come yet", "check this machine's clock, then the authority's"
        )
    if at is not None and at > expires:
        raise _bad(f"the authority's certificate expired on {expires:%Y-%m-%d}", _NEWER)
    return Stamp(token.time, token.authority.subject.rfc4514_string(), expires)


@dataclass(frozen=True)
class _Token:
    """A timestamp taken apart: read, not yet believed."""

    answer: TimeStampResponse
    time: datetime
    nonce: int | None
    algorithm: str
    digest: bytes
    authority: x509.Certificate
    certificates: tuple[x509.Certificate, ...]

    @classmethod
    def read(cls, tsr: bytes) -> _Token:
        """Raises `EvidenceError` for what is no timestamp."""
        try:
            with warnings.catch_warnings(action="ignore"):  # parsers warn of what is odd, on standard error
                return cls._read(tsr)
        except EvidenceError:
            raise
        except Exception as error:  # the parsers answer hostile bytes with errors of many kinds
            raise _bad("it cannot be read", "restore the file from a copy of the store") from error

    @classmethod
    def _read(cls, tsr: bytes) -> _Token:
        answer = decode_timestamp_response(with_certificates(tsr, certificates(tsr) or ()))
        if answer.status != PKIStatus.GRANTED:
            raise _bad("the authority refused to make it", "ask again, or use another authority")
        info, signed = answer.tst_info, answer.signed_data
        (signer,) = signed.signer_infos
        versions = signed.version, signer.version
        if versions != _VERSIONS or not signature_algorithm(tsr).hex().startswith(_ALGORITHMS):
            raise ValueError
        sent = [x509.load_der_x509_certificate(data) for data in sorted(signed.certificates)]
        own = [c for c in sent if (c.issuer, c.serial_number) == (signer.issuer, signer.serial_number)]
        if not own:
            raise _bad("it does not hold the authority's certificate", "use an authority that sends it along")
        imprint = info.message_imprint
        algorithm = imprint.hash_algorithm.dotted_string
        return cls(answer, info.gen_time, info.nonce, algorithm, imprint.message, own[0], tuple(sent))

    def check(self, roots: list[x509.Certificate]) -> None:
        """Check the signature and the certificates up to a root. Raises `EvidenceError`."""
        known = [*roots, *self.certificates]
        # One root after the other: of two of one name the checker would try only one.
        right = all(_vouched(own, known) for own in self.certificates) and any(map(self._rests_on, roots))
        if not right:
            raise _bad(
                "it does not rest on a certificate that is trusted here, or it was altered",
                "compare the authority with the one in haechi.toml; restore the file from a copy of the store",
            )

    def _rests_on(self, root: x509.Certificate) -> bool:
        try:
            return VerifierBuilder(roots=[root]).build().verify(self.answer, self.digest)
        except (VerificationError, ValueError, UnsupportedAlgorithm):
            return False


def _vouched(own: x509.Certificate, known: list[x509.Certificate]) -> bool:
    """Whether one of the certificates, perhaps itself, signed this one."""
    for issuer in known:
        try:
            own.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            continue
        return True
    return False


def _roots(roots_pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(roots_pem)
    except ValueError:
        raise EvidenceError(
            "the certificates for timestamps cannot be read: they are not PEM",
            todo="name a PEM file of the authority's root certificates in timestamp-roots",
        ) from None


def _bad(why: str, todo: str) -> EvidenceError:
    return EvidenceError(f"a timestamp does not hold: {why}", todo=todo)
