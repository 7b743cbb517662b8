"""A look at the head of each file, from which `haechi init` drafts a `haechi.toml`. Nothing is stored."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from haechi.collect.guess import asked_for
from haechi.collect.interface import Format, Sample
from haechi.collect.opening import Unread, expand, open_stream
from haechi.collect.peek import PeekedStream
from haechi.collect.recognise import SAMPLE_BYTES, recognise
from haechi.collect.routes.propose import Proposal, propose_routes
from haechi.collect.run import source_name
from haechi.model.errors import InputError
from haechi.model.settings import SourceSettings

REQUESTS_LOOKED_AT = 200_000  # enough to see every page that matters; more files only repeat them

# What tells the files of one log apart: dates, numbers, and the marks around them. Packing does not count.
_COUNTED = re.compile(r"[-_.]?\d[\d\-_T]*")


@dataclass(frozen=True)
class FirstLook:
    """What was seen. Each source comes with a clause that says why it is taken for what it is."""

    sources: list[tuple[SourceSettings, str]]
    proposals: list[Proposal]
    not_looked_at: list[str]  # files that are no log, each with its reason


@dataclass
class _Seen:
    """Files by source, and the requests in their heads."""

    files: dict[tuple[str, str, Format], list[str]] = field(default_factory=lambda: defaultdict(list))
    requests: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def first_look(paths: Sequence[str], root: Path) -> FirstLook:
    """Look at these files and at those in these folders. Paths of sources below `root` are told from it."""
    seen = _Seen()
    for item in expand(paths):
        if isinstance(item, Unread):
            seen.skipped.append(f"{item.path}: {item.problem}")
        elif Path(item.path).name != "haechi.toml":
            _look(item.path, seen)
    return FirstLook(_sources(seen, root), propose_routes(seen.requests), seen.skipped)


def _look(path: str, seen: _Seen) -> None:
    try:
        with closing(PeekedStream(open_stream(path), SAMPLE_BYTES)) as stream:
            head, whole = stream.head, stream.whole
    except InputError as error:
        seen.skipped.append(f"{path}: {error.what}")
        return
    sample = Sample(head if whole else head[: head.rfind(b"\n") + 1] or head, whole, path)
    formats = recognise(sample, None).formats if head else ()
    if not formats:
        seen.skipped.append(f"{path}: {'unknown format' if head else 'the file is empty'}")
        return
    folder, name = str(Path(path).parent), source_name(path)
    first = formats[0]
    seen.files[folder, _COUNTED.sub("", name) or name, first].append(path)
    if first.table == "access" and len(seen.requests) < REQUESTS_LOOKED_AT:
        source = SourceSettings(name=name, paths=[path])
        seen.requests += asked_for(first, [form.projection(sample, source) for form in formats], sample)


def _sources(seen: _Seen, root: Path) -> list[tuple[SourceSettings, str]]:
    everything = [path for paths in seen.files.values() for path in paths]
    names: dict[str, int] = defaultdict(int)
    found = []
    for (_, name, form), paths in seen.files.items():
        name = name.partition(".")[0] or name
        names[name] += 1
        unique = name if names[name] == 1 else f"{name}-{names[name]}"
        patterns = [_from(root, path) for path in _patterns(paths, everything)]
        reason = f"looks like {form.title}" + (f", {len(paths):,} files" if len(paths) > 1 else "")
        found.append((SourceSettings(name=unique, paths=patterns, table=form.table), reason))
    return found


def _patterns(paths: Sequence[str], everything: Sequence[str]) -> list[str]:
    """One pattern for the files of a source, so that tomorrow's file is read too; or the files themselves."""
    if len(paths) == 1:
        return list(paths)
    folder, names = Path(paths[0]).parent, sorted(Path(path).name for path in paths)
    counted = _COUNTED.search(names[0])
    start = names[0][: counted.start()] if counted else names[0]
    if not all(name.startswith(start) for name in names):
        start = names[0][: _shared(names[0], names[-1])].rstrip("0123456789")
    pattern = f"{folder}/{start}*"
    others = set(everything) - set(paths)
    if start and not any(fnmatchcase(path, pattern) for path in others):
        return [pattern]
    return list(paths)


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _from(root: Path, path: str) -> str:
    absolute = Path(path).absolute()
    return str(absolute.relative_to(root)) if absolute.is_relative_to(root) else str(absolute)
