"""The sentences of messages and pages, in English, Korean and Japanese: `words/*.toml`. A missing one fails a test.

They are few and wait for no plural: numbers stand after a colon.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("en", "ko", "ja")


def say(language: str, key: str, **values: object) -> str:
    """A sentence. An unknown language is answered in English: [asking] is checked, an old row may be older."""
    return words(language if language in LANGUAGES else "en")[key].format(**values)


def word(language: str, key: str, otherwise: str) -> str:
    """A word of a vocabulary; `otherwise` for one that a workspace added of its own."""
    return words(language if language in LANGUAGES else "en").get(key, otherwise)


@cache
def words(language: str) -> Mapping[str, str]:
    """All sentences of a language."""
    text = (files("haechi.respond") / "words" / f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
