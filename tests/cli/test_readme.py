"""What the README promises exists: its commands, its links, its exit codes."""

from __future__ import annotations

import html
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from haechi.cli.main import app_of
from haechi.cli.options import EXIT_CODES

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md")))]


def _text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _commands(page: str) -> Iterator[str]:
    """Lines in code blocks, and code in sentences, that begin with `haechi` or `make`."""
    text = _text(page)
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`((?:haechi|make) [^`]+)`", text)
    for line in [*lines, *inline]:
        if re.match(r"(?:\.venv/bin/)?haechi [a-z-]|make [a-z]", line):
            yield line.removeprefix(".venv/bin/")


COMMANDS = [
    pytest.param(page, line, id=f"{page}: {line}")
    for page in PAGES
    if page != "docs/cli.md"
    for line in _commands(page)
]


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_its_commands_exist_and_parse(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        asked = [word for word in words[1:] if "=" not in word]
        done = subprocess.run(["make", "-n", *asked], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    else:
        _parse(get_command(app_of()), words[1:])


def _parse(command: Any, words: list[str]) -> None:
    """Parse as the command line would, groups first, without doing anything. A verb alone is a verb named."""
    if not words and not hasattr(command, "get_command"):
        return
    with command.make_context("haechi", list(words)) as context:
        if hasattr(command, "get_command"):
            name, below, rest = command.resolve_command(context, [*context._protected_args, *context.args])
            assert name
            _parse(below, rest)


def test_the_readme_has_commands() -> None:
    lines = list(_commands("README.md"))
    assert "make demo" in lines and "haechi inspect" in lines and len(lines) > 5


def test_wrong_commands_would_be_noticed() -> None:
    for line in ("inspect --no-such-option", "nonsense", "scope --json", "drill make --seed 1"):
        with pytest.raises(Exception, match=r"."):
            _parse(get_command(app_of()), shlex.split(line))


@pytest.mark.parametrize("page", PAGES)
def test_its_links_lead_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", _text(page)):
        if "://" not in link:
            assert (folder / link).exists(), link


def test_its_exit_codes_are_those_of_the_command_line() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", _text("README.md"), re.M)
    told = "; ".join(f"{code} {what.replace('`', '')}" for code, what in rows)
    assert f"Exit codes: {told}." == EXIT_CODES


def test_the_picture_names_no_other_site() -> None:
    picture = _text("docs/images/report.svg")
    assert set(re.findall(r"(?:url\(|href=)[\"']?(https?://[^\"')]+)", picture)) == set()
    assert "font-face" not in picture


def test_its_excerpt_and_its_picture_are_of_one_report() -> None:
    lines = re.findall(r"<text[^>]*y=\"([^\"]+)\"[^>]*>([^<]*)</text>", _text("docs/images/report.svg"))
    drawn: dict[str, str] = {}
    for height, text in lines:
        drawn[height] = drawn.get(height, "") + html.unescape(text)
    shown = {"".join(text.split()) for text in drawn.values()}
    excerpt = _text("README.md").split("```\n1 case found")[1].split("```")[0]
    told = ["".join(line.split()) for line in f"1 case found{excerpt}".splitlines() if line.strip()]
    assert len(told) > 10
    assert [line for line in told if line not in shown] == []
