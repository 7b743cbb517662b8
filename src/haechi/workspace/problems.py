"""What is wrong with a `haechi.toml`: all of it at once, each with its key and its line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from haechi.model.errors import SettingsError
from haechi.workspace.positions import Path


@dataclass(frozen=True, order=True)
class Problem:
    """One complaint. `line` counts from 1; `key` reads like `source[2].paths`, list items from 1."""

    line: int
    key: str
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.key}: {self.text}" if self.key else f"line {self.line}: {self.text}"


class BadSettings(SettingsError):
    """`haechi.toml` cannot be used. `problems` holds everything found, in the order of the lines."""

    def __init__(self, problems: Sequence[Problem], where: str) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        head = "haechi.toml has a problem" if count == 1 else f"haechi.toml has {count} problems"
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(
            f"{head}:{lines}",
            where=where,
            kept="nothing was read or changed",
            todo="Correct the lines named; docs/settings.md explains every key.",
        )


def key_text(path: Path) -> str:
    """A path as a person would write it: `("source", 1, "paths")` is `source[2].paths`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ " Did you mean "paths"?" where a known word is near, else the known words, else nothing."""
    words = list(known)
    near = difflib.get_close_matches(word.replace("_", "-"), words, 1, 0.6) or difflib.get_close_matches(
        word.replace("-", "_"), words, 1, 0.6
    )
    if near:
        return f' Did you mean "{near[0]}"?'
    return f" Known: {', '.join(words)}." if 0 < len(words) <= 24 else ""
