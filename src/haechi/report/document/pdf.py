"""The same page on paper: tagged PDF/A-3a, its fonts and numbers within it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from haechi.model.errors import InputError

FONT: Final = "NotoSansCJK"
PACKAGE: Final = "fonts-noto-cjk"
VARIANT: Final = "pdf/a-3a"
_FOLDERS: Final = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
)


def pdf(html: str, made: datetime, attachments: Sequence[tuple[str, str, bytes]]) -> bytes:
    """A PDF/A-3a of a page. `attachments`: (name, what it is, content).

    Raises:
        InputError: no font with Korean and Japanese letters is installed, or the library that draws is not.
    """
    _need_font()
    try:
        from weasyprint import HTML, Attachment  # type: ignore[import-untyped]
    except OSError as error:
        raise InputError(
            f"A PDF cannot be made: a library that draws text is not installed ({error}).",
            todo="Install Pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0. "
            "HTML needs nothing.",
        ) from None
    files = [
        Attachment(
            string=content.decode(),
            name=name,
            description=text,
            created=made,
            modified=made,
            relationship="Data",
        )
        for name, text, content in attachments
    ]
    page = HTML(string=html, url_fetcher=_nothing)
    drawn: bytes = page.write_pdf(pdf_variant=VARIANT, pdf_tags=True, attachments=files)
    return drawn


def _nothing(url: str, *_: object, **__: object) -> dict[str, object]:
    """No page of ours names a file; nothing that a log smuggled in is fetched."""
    raise ValueError(f"not fetched: {url[:80]}")


def _need_font() -> None:
    if not has_font():
        raise InputError(
            "A PDF cannot be made: no font with Korean and Japanese letters is installed.",
            todo=f"Install Noto Sans CJK: apt-get install {PACKAGE}. HTML (--out FILE.html) needs no font.",
        )


def has_font() -> bool:
    """Whether Noto Sans CJK is installed."""
    if command := shutil.which("fc-list"):
        listed = subprocess.run(
            [command, ":", "file"], capture_output=True, text=True, check=False, timeout=30
        )
        if FONT in listed.stdout:
            return True
    return any(
        next(Path(folder).expanduser().rglob(f"{FONT}*"), None) is not None
        for folder in _FOLDERS
        if Path(folder).expanduser().is_dir()
    )
