"""The rows of a pack: one JSON line a unit, with all that its leaf is made of; and the same for people, as CSV."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import IO, Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from haechi.evidence.blind import leaf_bytes, leaf_hashes
from haechi.evidence.hashing import DIGEST, Hashes, sha256_rows
from haechi.model.errors import EvidenceError
from haechi.model.times import moment

MAX_LINE: Final = 64 << 20  # bytes: a whole exported document can be one unit
CHUNK: Final = 4_096  # rows that are looked at in one step
_CHUNK_BYTES: Final = 32 << 20
_FEW: Final = 256  # below this a hashlib loop ends before a query has been planned
# A spreadsheet runs a cell that begins so (OWASP, CSV Injection); plain numbers such as -12 stay as they are.
_RISKY: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NUMBER: Final = re.compile(r"-[0-9]+(\.[0-9]+)?")
_TIMES: Final = frozenset(("time", "expires", "first", "last", "since", "withdrawn", "joined", "departed"))
_COLUMNS: Final = (  # of the records of all tables, what a reader asks first coming first
    "time", "action", "method", "path", "fields", "status", "outcome", "client_ip", "client", "subject", "subjects",
    "person", "actor", "actor_kind", "account", "kind", "system", "object",
    "version", "state", "how", "evidence", "event", "text", "reference", "reason", "line", "host", "route",
    "role", "first", "last", "since", "withdrawn", "canary", "joined", "departed", "credential", "key", "issuer",
    "token_id", "expires", "bound", "bytes", "node", "node_seq",
)  # fmt: skip
_PLACE: Final = ("raw", "source", "seq", "batch", "index")  # behind them; every row has these
Columns = tuple[str, ...]


class Row(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One unit: unit `index` of batch `batch`, which is number `seq` of `source`.

    record: its canonical text, exactly as hashed; blind: hex, 32 bytes
    raw:    its bytes as text; raw64 instead, in base64, where they are not valid UTF-8
    """

    batch: int
    index: int
    source: str
    seq: int
    record: str
    blind: str
    raw: str | None = None
    raw64: str | None = None

    @property
    def raw_bytes(self) -> bytes:
        """The unit's bytes as they stood in the log file. Raises `ValueError` where the row tells none."""
        if (self.raw is None) == (self.raw64 is None):
            raise ValueError("a row has its raw bytes once")
        return base64.b64decode(self.raw64, validate=True) if self.raw is None else self.raw.encode()  # type: ignore[arg-type]


def make_row(batch: int, index: int, source: str, seq: int, record: str, blind: bytes, raw: bytes) -> Row:
    try:
        return Row(batch, index, source, seq, record, blind.hex(), raw=raw.decode())
    except UnicodeDecodeError:
        return Row(batch, index, source, seq, record, blind.hex(), raw64=base64.b64encode(raw).decode())


def write_lines(rows: Iterable[Row], out: IO[bytes]) -> None:
    """Append the rows as JSON lines."""
    out.write(msgspec.json.Encoder().encode_lines(list(rows)))


def read_chunks(file: IO[bytes]) -> Iterator[list[Row]]:
    """The rows of a `rows.jsonl`, some thousands at a time. Raises `EvidenceError` at a line that is no row.

    Each line must be in the one form in which it is written: with doubled names two readers would read two rows.
    """
    decoder, encoder = msgspec.json.Decoder(Row), msgspec.json.Encoder()
    number = 0
    chunk: list[Row] = []
    held = 0
    while line := file.readline(MAX_LINE):
        number += 1
        try:
            row = decoder.decode(line)
            if encoder.encode(row) + b"\n" != line:
                raise ValueError
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise EvidenceError("a line is not a row", where=f"line {number}") from None
        chunk.append(row)
        held += len(line)
        if len(chunk) >= CHUNK or held >= _CHUNK_BYTES:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def hashes_of(rows: Sequence[Row]) -> Hashes:
    """The leaf hashes (n, 32) of rows. Raises `ValueError` where a blind or the raw bytes are unreadable."""
    blinds = b"".join(bytes.fromhex(row.blind) for row in rows)
    if len(blinds) != len(rows) * DIGEST or any(len(row.blind) != 2 * DIGEST for row in rows):
        raise ValueError("a blind is 32 bytes")
    raws = [row.raw_bytes for row in rows]
    records = [row.record.encode() for row in rows]
    if len(rows) < _FEW:
        return _one_by_one(blinds, raws, records)
    blind = np.frombuffer(blinds, np.uint8).reshape(-1, DIGEST)
    parts = (sha256_rows(pa.array(part, pa.large_binary())) for part in (raws, records))
    return leaf_hashes(leaf_bytes(blind, *parts))


def _one_by_one(blinds: bytes, raws: list[bytes], records: list[bytes]) -> Hashes:
    found = []
    for at, (raw, record) in enumerate(zip(raws, records, strict=True)):
        blind = blinds[at * DIGEST : (at + 1) * DIGEST]
        leaf = blind + hashlib.sha256(raw).digest() + hashlib.sha256(record).digest()
        found.append(hashlib.sha256(b"\x00" + leaf).digest())
    return np.frombuffer(b"".join(found), np.uint8).reshape(-1, DIGEST)


def columns_of(rows: Iterable[Row]) -> frozenset[str]:
    """The columns of `rows.csv` in which one of the rows has something. Raises as `csv_lines`."""
    found: set[str] = set()
    for row in rows:
        found.update(name for name, value in _record(row).items() if value not in (None, ""))
    return frozenset(found)


def ordered(columns: Collection[str]) -> Columns:
    """These columns of records in the order of `rows.csv`. What that does not show of a record is left out."""
    return tuple(name for name in _COLUMNS if name in columns)


def csv_head(columns: Columns) -> bytes:
    """The head of `rows.csv`. Begins with a byte order mark, without which spreadsheets misread Korean and Japanese.

    columns: of the records, as `ordered` gives them; behind them stand the raw line and where the row is kept
    """
    return b"\xef\xbb\xbf" + _csv([(*columns, *_PLACE)])


def read_head(line: bytes) -> Columns:
    """The record columns that the first line of a `rows.csv` names, whatever order it has them in."""
    named = line.decode("utf-8-sig", "replace").rstrip("\r\n").split(",")
    return ordered(named)


def csv_lines(rows: Iterable[Row], columns: Columns) -> bytes:
    """The rows as `rows.csv` has them, made from nothing but the rows: a reader can make it again.

    Raises `ValueError` where a record is no JSON object.
    """
    return _csv(_cells(row, columns) for row in rows)


def _record(row: Row) -> dict[str, Any]:
    record = msgspec.json.decode(row.record)
    if not isinstance(record, dict):
        raise ValueError("a record is a JSON object")
    return record


def _cells(row: Row, columns: Columns) -> list[str]:
    record = _record(row)
    # Most cells are empty or plain text: those are told apart here, without a call each.
    told = [
        "" if (cell := record.get(name)) is None
        else cell if type(cell) is str and cell[:1] not in _RISKY
        else _cell(name, cell)
        for name in columns
    ]  # fmt: skip
    raw = f"base64:{row.raw64}" if row.raw is None else row.raw.removesuffix("\n").removesuffix("\r")
    return [*told, _inert(raw), _inert(row.source), str(row.seq), str(row.batch), str(row.index)]


def _cell(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if name in _TIMES and isinstance(value, int):
        return time_text(value)
    return _inert(str(value))


def time_text(micros: int) -> str:
    """A time as RFC 3339 in UTC; beyond the years that a calendar has, the number itself."""
    time = moment(micros)
    return str(micros) if time is None else f"{time.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _inert(text: str) -> str:
    return f"'{text}" if text[:1] in _RISKY and not _NUMBER.fullmatch(text) else text


def _csv(lines: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue().encode("utf-8", "backslashreplace")
