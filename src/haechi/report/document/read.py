"""What a report file carries for whoever checks it: read out of an HTML or PDF file, trusting nothing of it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from haechi.model.errors import InputError
from haechi.report.document.numbers import Number

MOST: Final = 64 << 20  # bytes; a report stays far below
_SCRIPT: Final = re.compile(rb'<script type="application/json" id="haechi-report">(.*?)</script>', re.S)
HTML_HEAD: Final = b"<!DOCTYPE html>"
PDF_HEAD: Final = b"%PDF-"
ATTACHED: Final = "haechi-report.json"


class Author(msgspec.Struct, frozen=True):
    """Who made a report, as it says."""

    at: datetime
    by: str
    version: str
    workspace: str
    contact: str
    inspector: str
    settings: str


class ReportData(msgspec.Struct, frozen=True):
    """The numbers of a report with what they rest on."""

    haechi: str
    version: int
    kind: str
    checkpoint: str
    language: str
    made: Author
    numbers: list[Number]
    month: str | None = None
    case: str | None = None


def is_report(path: Path) -> bool:
    """Whether a file looks like a report: HTML or PDF by its first bytes."""
    with path.open("rb") as file:
        head = file.read(64).lstrip()
    return head.startswith(PDF_HEAD) or head[:15].upper() == HTML_HEAD.upper()


def read_report(path: Path) -> tuple[ReportData, bytes]:
    """The data of a report and the bytes of its file.

    Raises:
        InputError: it is no report of Haechi, or its data cannot be read.
    """
    if path.stat().st_size > MOST:
        raise InputError("The file is larger than a report can be.", where=str(path))
    content = path.read_bytes()
    text = _attached(path) if content.lstrip().startswith(PDF_HEAD) else _within(content)
    if text is None:
        raise InputError("The file holds no numbers of a report by Haechi.", where=str(path))
    try:
        data = msgspec.json.decode(text, type=ReportData)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"The numbers in the report cannot be read: {error}.", where=str(path)) from None
    if data.haechi != "report":
        raise InputError("The file holds no numbers of a report by Haechi.", where=str(path))
    return data, content


def _within(content: bytes) -> bytes | None:
    found = _SCRIPT.findall(content)
    return found[-1] if len(found) == 1 else None


def _attached(path: Path) -> bytes | None:
    import pikepdf

    try:
        with pikepdf.open(path) as document:
            if ATTACHED not in document.attachments:
                return None
            return bytes(document.attachments[ATTACHED].get_file().read_bytes())
    except (pikepdf.PdfError, ValueError, KeyError) as error:
        raise InputError(f"The PDF cannot be read: {type(error).__name__}.", where=str(path)) from None
