"""The registry of formats: each is documented, named once, and leaves other formats' lines alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.collect.harness import read, source

from haechi.collect.formats import FORMATS
from haechi.collect.interface import Format, Sample
from haechi.model.words import TABLES

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")
IDS = [form.name for form in FORMATS]


def test_names_are_unique_and_speak_of_a_known_table() -> None:
    assert len(set(IDS)) == len(IDS)
    assert len({form.title for form in FORMATS}) == len(FORMATS)
    assert {form.table for form in FORMATS} <= set(TABLES)


def test_the_page_names_every_format_and_no_other() -> None:
    headings = re.findall(r"^### (.*)$", PAGE, re.MULTILINE)
    assert sorted(name for heading in headings for name in re.findall(r"`([^`]+)`", heading)) == sorted(IDS)


def samples() -> list[str]:
    """The sample lines of the page."""
    return re.findall(r"^```\w*\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("form", FORMATS, ids=IDS)
def test_some_sample_of_the_page_is_recognised(form: Format) -> None:
    shares = [form.share(Sample(text.encode(), True)) for text in samples()]
    if form.name == "cloudtrail-lines" or (form.name.endswith("-json") and form.table != "access"):
        assert max(shares) == 0  # the page shows the other layout of the same format
    else:
        assert max(shares) > 0


@pytest.mark.parametrize("form", FORMATS, ids=IDS)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\0\0\0",
        b'"',
        b"{",
        b"\xff\xfe\xff",
        b"a,b\n",
        b'{"time": null}\n',
        bytes(range(256)),
        "\ufeff\n한글\r\n".encode(),
    ],
    ids=repr,
)
def test_odd_bytes_are_set_aside_one_by_one(form: Format, data: bytes) -> None:
    assert form.share(Sample(data, True)) < 0.1
    found = read(form, data, source(form.table))
    assert found.records == []
    assert all(reason for _, reason in found.aside)
