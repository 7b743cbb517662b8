"""How reports look: pages at two widths and sheets of paper beside pictures that were looked at and kept.

Pictures are small, grey and compared with room for another version of the browser or the font; a part that is missing,
moved or drawn over is more than that. After a change that is meant: `make golden`, look at the pictures, commit them.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.report.document.browsers import browse, missing, need
from tests.report.document.documents import drill, inspection, of_case, words

from haechi.report.document import pdf as made
from haechi.report.document.render import html
from haechi.report.document.write import drawn

KEPT = Path(__file__).parent / "golden"
RENEW = bool(os.environ.get("HAECHI_GOLDEN"))
WIDTH, TALL = 320, 1400  # of a kept picture, at most
TILE = 10  # of four points each
PART, ALL = 12.0, 2.0  # the most that a tile, and the whole, may differ on average, of 255
KINDS: dict[str, Callable[[], Any]] = {"inspection": inspection, "case": of_case, "drill": drill}
PAGES = [
    ("inspection", "ko", 1280),
    ("inspection", "ja", 390),
    ("case", "en", 1280),
    ("case", "ko", 390),
    ("drill", "ja", 1280),
    ("drill", "en", 390),
]
SHEETS = [("inspection", "ko", 1), ("inspection", "ja", 2), ("inspection", "en", 4), ("case", "ja", 1)]


def page(text: str, width: int, folder: Path) -> Image.Image:
    """A page as a browser of that width shows it, open details and all."""
    # One font, whatever the machine prefers. A window cannot be as narrow as a phone, a frame can.
    font = '<style>* { font-family: "Noto Sans CJK KR" !important }</style></head>'
    (folder / "page.html").write_text(text.replace("</head>", font), encoding="utf-8")
    high = round(TALL * width / WIDTH)
    frame = (
        f'<body style="margin:0"><iframe src="page.html" width="{width}" height="{high}" style="border:0">'
    )
    (folder / "frame.html").write_text(frame, encoding="utf-8")
    shot = folder / "shot.png"
    browse(
        folder / "frame.html",
        folder,
        max(width, 500),
        f"--window-size={max(width, 500)},{high}",
        f"--screenshot={shot}",
    )
    with Image.open(shot) as picture:
        return small(picture.crop((0, 0, width, high)))


def sheet(content: bytes, number: int, folder: Path) -> Image.Image:
    """A page of a PDF."""
    (folder / "r.pdf").write_bytes(content)
    draw = need("pdftoppm", install="apt-get install poppler-utils")
    command = [
        draw,
        "-png",
        "-r",
        "60",
        "-f",
        str(number),
        "-l",
        str(number),
        "-singlefile",
        "r.pdf",
        "sheet",
    ]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    with Image.open(folder / "sheet.png") as picture:
        return small(picture)


def small(picture: Image.Image) -> Image.Image:
    grey = picture.convert("L")
    return grey.resize((WIDTH, round(grey.height * WIDTH / grey.width)), Image.Resampling.BOX)


def differs(one: Image.Image, other: Image.Image) -> str:
    """How two pictures differ beyond what fonts and browsers do; empty: they do not."""
    if one.size != other.size:
        return f"the size: {one.size}, {other.size}"
    # A letter may stand a point to the side: neighbours are looked at together. What is missing shows in its tile.
    apart = np.abs(np.subtract(*(np.asarray(p.reduce(4), dtype=np.float64) for p in (one, other))))
    high, wide = (length // TILE * TILE for length in apart.shape)
    tiles = apart[:high, :wide].reshape(high // TILE, TILE, wide // TILE, TILE).mean(axis=(1, 3))
    row, column = np.unravel_index(tiles.argmax(), tiles.shape)
    at = f"{column * TILE * 4}, {row * TILE * 4}"
    return f"{tiles.max():.0f} of 255 around {at}" if tiles.max() > PART or apart.mean() > ALL else ""


def compare(name: str, picture: Image.Image) -> None:
    file = KEPT / f"{name}.png"
    if RENEW:
        file.parent.mkdir(exist_ok=True)
        picture.save(file, optimize=True)
    with Image.open(file) as kept:
        assert differs(picture, kept.convert("L")) == "", (
            f"{name}: look at it, and run make golden if it is right"
        )


@pytest.fixture(autouse=True)
def _fonts() -> None:
    if not made.has_font():
        missing(f"Noto Sans CJK is not installed: apt-get install {made.PACKAGE}")


@pytest.mark.parametrize(("kind", "language", "width"), PAGES)
def test_pages_look_as_they_did(kind: str, language: str, width: int, tmp_path: Path) -> None:
    text = html(kind, KINDS[kind](), words(language))
    compare(f"{kind}-{language}-{width}", page(text, width, tmp_path))


@pytest.mark.parametrize(("kind", "language", "number"), SHEETS)
def test_sheets_look_as_they_did(kind: str, language: str, number: int, tmp_path: Path) -> None:
    content = drawn(kind, KINDS[kind](), words(language), tmp_path / "r.pdf")
    compare(f"{kind}-{language}-sheet-{number}", sheet(content, number, tmp_path))


def test_a_page_without_its_pictures_is_another() -> None:
    """The measure tells what it has to: a picture blanked, a page moved by half a line."""
    with Image.open(KEPT / "inspection-ko-1280.png") as opened:
        kept = opened.convert("L")
    assert differs(kept, kept) == ""
    blank = kept.copy()
    blank.paste(255, (40, 240, 280, 340))
    assert differs(blank, kept)
    moved = Image.new("L", kept.size, 255)
    moved.paste(kept, (0, 12))
    assert differs(moved, kept)


def test_pictures_are_small() -> None:
    files = list(KEPT.glob("*.png"))
    assert len(files) == len(PAGES) + len(SHEETS)
    assert all(file.stat().st_size < 150_000 for file in files)
    with BytesIO(files[0].read_bytes()) as content, Image.open(content) as picture:
        assert picture.width == WIDTH
