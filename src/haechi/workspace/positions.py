"""On which line of a TOML document each key stands, so that a complaint can point at it.

`tomllib` reads values but forgets where they were. This is a scan of a document that `tomllib` has already
accepted, so it need not judge: it follows table headers and keys, and steps over values.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]  # ("source", 0, "paths"): list items count from 0

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEY = re.compile(rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*")
# Whatever a value may hold that could hide a bracket, a newline or a "#".
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.S)


def positions(text: str) -> Mapping[Path, int]:
    """The line (from 1) of every table header and key of a valid TOML document.

    Keys inside an inline table or array are not listed: ask `line_of`, which falls back to what encloses
    them.
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    at = _skip_blank(text, 0)
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        if text.startswith("[", at):
            many = text.startswith("[[", at)
            key = _KEY.search(text, at)
            if key is None:
                break
            table = _enter(_names(key.group()), many, counts)
            found[table] = line
            for depth in range(1, len(table)):  # [a.b] makes `a` as well
                found.setdefault(table[:depth], line)
            at = text.find("\n", key.end())
            at = len(text) if at < 0 else at
        else:
            key = _KEY.match(text, at)
            if key is None:
                break
            path = table
            for name in _names(key.group()):
                path = (*path, name)
                found.setdefault(path, line)
            at = _skip_value(text, text.index("=", key.end()) + 1)
        at = _skip_blank(text, at)
    return found


def line_of(found: Mapping[Path, int], path: Path) -> int:
    """The line of a key, or of the nearest thing around it; 1 if nothing around it is known."""
    while path:
        if path in found:
            return found[path]
        path = path[:-1]
    return 1


def _names(dotted: str) -> list[str]:
    """The parts of a dotted key, unquoted; `tomllib` does the unquoting."""
    value: object = tomllib.loads(dotted + "=0")
    names: list[str] = []
    while isinstance(value, dict):
        ((name, value),) = value.items()
        names.append(name)
    return names


def _enter(names: list[str], many: bool, counts: dict[Path, int]) -> Path:
    """The path of a table header, given how many items each array of tables has had so far."""
    path: Path = ()
    for depth, name in enumerate(names):
        path = (*path, name)
        if many and depth == len(names) - 1:
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _skip_blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _skip_value(text: str, at: int) -> int:
    """The end of the value that begins at `at`: the newline or end of text at which all brackets are
    closed.
    """
    depth = 0
    while at < len(text):
        char = text[at]
        if char in "\"'":
            string = _STRING.match(text, at)
            at = string.end() if string else at + 1
            continue
        if char == "#":
            newline = text.find("\n", at)
            at = len(text) if newline < 0 else newline
            continue
        if char == "\n" and depth == 0:
            return at
        depth += (char in "[{") - (char in "]}")
        at += 1
    return at
