"""Finding and reading `haechi.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from haechi.model.errors import SettingsError
from haechi.model.settings import Settings
from haechi.workspace import positions as at
from haechi.workspace.check_systems import Kinds
from haechi.workspace.checks import Drafted, check
from haechi.workspace.problems import BadSettings, Problem, key_text
from haechi.workspace.read import read_fields
from haechi.workspace.times import as_utc

FILE = "haechi.toml"
_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")


@dataclass(frozen=True)
class Workspace:
    """A folder with its settings. Paths in the settings are relative to `root`.

    `lines` maps a key's path, such as `("source", 0, "paths")`, to its line: ask `line`.
    """

    root: Path
    settings: Settings
    lines: Mapping[at.Path, int] = field(default_factory=dict, repr=False)

    @property
    def file(self) -> Path:
        return self.root / FILE

    @property
    def store(self) -> Path:
        """Where the store is."""
        return self.root / self.settings.store.path

    def line(self, *key: str | int) -> int:
        """The line on which a key, or what encloses it, stands; from 1."""
        return at.line_of(self.lines, key)


def find(
    start: Path, formats: Collection[str] | None = None, kinds: Callable[[], Kinds] | None = None
) -> Workspace | None:
    """The workspace that `start` is in: the nearest folder upwards with a `haechi.toml`, or None.

    `formats`, `kinds`: as for `load`.

    Raises:
        SettingsError: there is one, but it cannot be used.
    """
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return load(folder, formats, kinds)
    return None


def load(
    path: Path, formats: Collection[str] | None = None, kinds: Callable[[], Kinds] | None = None
) -> Workspace:
    """Read a workspace, given its folder or its `haechi.toml`.

    `formats` are the format names that exist, best with the table of each: a source that names another, or
    one of another table, is a problem. `kinds` tells the kinds of systems and probes, and is asked only where
    there are any. None leaves this unchecked. Times of keys come out in UTC; one written
    without zone is read in the workspace's. A day as `not-after` lasts until the day is over.

    Raises:
        BadSettings: a SettingsError that lists every problem with its key and its line.
        SettingsError: the file is missing or cannot be read.
    """
    file = path / FILE if path.is_dir() else path
    text = _text(file)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings([_syntax(str(error), text)], str(file)) from None
    lines = at.positions(text)
    problems: list[Problem] = []

    def complain(key: at.Path, what: str) -> None:
        problems.append(Problem(at.line_of(lines, key), key_text(key), what))

    _, values = read_fields(Settings, raw, (), complain)
    draft = Drafted(**values)
    known = kinds() if kinds and (draft.systems or draft.probes) else None
    check(draft, formats, complain, known, raw)
    if problems:
        raise BadSettings(problems, str(file))
    settings = Settings(**values)
    root = file.parent.absolute()
    return Workspace(root, _in_place(_in_utc(settings), root), lines)


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise SettingsError(
            "There is no haechi.toml.", where=str(file), todo="Run haechi init to write one."
        ) from None
    except OSError as error:
        raise SettingsError(f"haechi.toml cannot be read: {error.strerror}.", where=str(file)) from None
    try:
        # An editor's byte order mark says nothing; tomllib wants bare newlines for its line count.
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadSettings([Problem(line, "", "is not UTF-8 text.")], str(file)) from None


def _syntax(message: str, text: str) -> Problem:
    """tomllib's complaint, with its place moved in front. It never repeats more than one character of the
    text.
    """
    place = _LINE.search(message)
    line = int(place[1]) if place and place[1] else text.count("\n") + 1
    return Problem(line, "", f"is not valid TOML: {_LINE.sub('', message)}.")


def _in_place(settings: Settings, root: Path) -> Settings:
    """The same settings with the files of networks named from the root of the file system: rules run anywhere."""
    network = settings.network
    files = {name: str(root / file) for name, file in msgspec.structs.asdict(network).items() if file}
    return msgspec.structs.replace(settings, network=msgspec.structs.replace(network, **files))


def _in_utc(settings: Settings) -> Settings:
    """The same settings with every key's service life in UTC."""
    timezone = settings.workspace.timezone
    replace = msgspec.structs.replace
    issuers = [
        replace(
            issuer,
            keys=[
                replace(
                    key,
                    not_before=as_utc(key.not_before, timezone),
                    not_after=as_utc(key.not_after, timezone),
                )
                for key in issuer.keys
            ],
        )
        for issuer in settings.issuers
    ]
    return replace(settings, issuers=issuers)
