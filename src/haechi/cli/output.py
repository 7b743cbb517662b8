"""Where words go: the answer to standard output, everything else to standard error.

With `--json` standard output holds one JSON document and nothing else. Colours and progress bars are for
terminals only, and NO_COLOR switches colours off (https://no-color.org).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, TextIO, cast

import msgspec
from rich.console import Console

from haechi.report.figures import count, size
from haechi.report.safe import inert, middle

if TYPE_CHECKING:
    from haechi.collect.run import Progress

PIPE_WIDTH = 100
LEAST_WIDTH = 80  # below this a table cannot be read; a narrower terminal wraps


@dataclass(frozen=True)
class Output:
    """What a verb writes to. `as_json`: the answer is a JSON document."""

    as_json: bool
    answer: Console
    aside: Console

    @classmethod
    def open(cls, as_json: bool) -> Output:
        return cls(as_json, console(sys.stdout), console(sys.stderr))

    def document(self, value: Any) -> None:
        """Write the one JSON document: times as RFC 3339 in UTC with Z, odd bytes as escapes."""
        text = msgspec.json.format(encode(value), indent=2)
        self.answer.file.write(text.decode() + "\n")

    def say(self, text: str) -> None:
        """A remark beside the answer."""
        self.aside.print(inert(text))

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """A line on the terminal that tells what is being read. None where standard error is no terminal."""
        if not self.aside.is_terminal:
            yield None
            return
        with self.aside.status("Starting") as status:

            def report(path: str, done: int, units: int) -> None:
                read = f"Read so far: {count(units, 'line')} of this source; {size(done)} of "
                status.update(inert(read + middle(path, max(self.aside.width - len(read) - 4, 20))))

            yield report


class Trimmed:
    """A stream that leaves out spaces before a line's end: tables are filled up with them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(re.sub(r" +$", "", text, flags=re.M))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Console(Console):
    """A console that leaves it to the way in what a reader's leaving means: rich would exit with 1, "found"."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        raise BrokenPipeError


def console(stream: TextIO) -> Console:
    """A console that reads no markup or emoji codes in what it prints: data must not style itself."""
    if not stream.isatty():
        file = cast(IO[str], Trimmed(stream))
        return _Console(file=file, width=_columns() or PIPE_WIDTH, markup=False, emoji=False, highlight=False)
    made = _Console(file=stream, markup=False, emoji=False, highlight=False)
    if made.width < LEAST_WIDTH:
        made.width = LEAST_WIDTH
    return made


def _columns() -> int | None:
    text = os.environ.get("COLUMNS", "")
    return int(text) if text.isdecimal() and int(text) else None


def encode(value: Any) -> bytes:
    """A value as JSON, after what JSON cannot hold has been put into words."""
    return msgspec.json.encode(_sayable(msgspec.to_builtins(value, builtin_types=(datetime,), enc_hook=str)))


def _sayable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, str):
        # A file's name may hold bytes that are no text; Python carries them as lone surrogates.
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_sayable(key): _sayable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sayable(item) for item in value]
    return value
