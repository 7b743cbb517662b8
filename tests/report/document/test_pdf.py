"""The PDF: PDF/A-3a with tags, a language, embedded fonts and the numbers attached."""

from __future__ import annotations

import shutil
from pathlib import Path

import pikepdf
import pytest
from tests.report.document.browsers import missing
from tests.report.document.documents import HOSTILE, inspection, words

from haechi.model.errors import InputError
from haechi.report.document import pdf as made
from haechi.report.document.read import read_report
from haechi.report.document.words import LANGUAGES
from haechi.report.document.write import drawn


@pytest.fixture(scope="module", params=LANGUAGES)
def paper(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A report in each language, full of hostile text."""
    if not made.has_font():
        missing(f"Noto Sans CJK is not installed: apt-get install {made.PACKAGE}")
    file = tmp_path_factory.mktemp("pdf") / "r.pdf"
    file.write_bytes(drawn("inspection", inspection(HOSTILE[0]), words(request.param), file))
    return request.param, file


def test_metadata_says_pdf_a_3a(paper: tuple[str, Path]) -> None:
    with pikepdf.open(paper[1]) as document:
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["dc:title"]
        assert document.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert not document.is_encrypted


def test_pages_are_tagged_in_the_report_s_language(paper: tuple[str, Path]) -> None:
    language, file = paper
    with pikepdf.open(file) as document:
        assert bool(document.Root.MarkInfo.Marked)
        assert str(document.Root.Lang) == language
        tags = kinds(document.Root.StructTreeRoot)
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/P", "/Figure"} <= set(tags)
    assert tags.count("/H1") == 1


def test_pictures_have_words_instead(paper: tuple[str, Path]) -> None:
    with pikepdf.open(paper[1]) as document:
        figures = [node for node in nodes(document.Root.StructTreeRoot) if node.get("/S") == "/Figure"]
        assert len(figures) >= 6
        told = [str(figure.Alt).strip() if "/Alt" in figure else "" for figure in figures]
    assert all(told)
    # Not the title alone, but what is to be seen. The QR code's text stands beside it.
    assert sum(" – " in text and len(text) > 30 for text in told) >= 5, told
    assert any(words(paper[0]).say("Requests by network") in text and "<script>" in text for text in told)


def test_every_font_is_in_the_file(paper: tuple[str, Path]) -> None:
    fonts = set()
    with pikepdf.open(paper[1]) as document:
        for page in document.pages:
            for font in page.Resources.get("/Font", {}).values():
                below = font.get("/DescendantFonts", [font])[0]
                descriptor = below.FontDescriptor
                assert any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")), (
                    font.BaseFont
                )
                fonts.add(str(font.BaseFont).partition("+")[2])
    assert any("CJK" in font for font in fonts), fonts


def test_the_numbers_are_attached(paper: tuple[str, Path]) -> None:
    data, _ = read_report(paper[1])
    assert {number.name: number.value for number in data.numbers}["totals.persons"] == 16625
    with pikepdf.open(paper[1]) as document:
        assert set(document.attachments) == {"haechi-report.json", "queries.sql"}
        for name in document.attachments:
            assert str(document.attachments[name].obj.AFRelationship) == "/Data"


def test_without_a_font_it_is_said_which_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(made, "_FOLDERS", (str(tmp_path),))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="no font with Korean and Japanese") as raised:
        made.pdf("<p>x</p>", inspection().made.at, ())
    assert "fonts-noto-cjk" in raised.value.todo


def nodes(node: pikepdf.Object) -> list[pikepdf.Dictionary]:
    """All elements of a structure tree."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Dictionary):
            if "/S" in one:
                found.append(one)
            if "/K" in one:
                below = one["/K"]
                waiting += list(below) if isinstance(below, pikepdf.Array) else [below]
    return found


def kinds(node: pikepdf.Object) -> list[str]:
    return [str(one["/S"]) for one in nodes(node)]
