"""The pages behind links: one question each, in its language. Templates escape everything that is put into them."""

from __future__ import annotations

import base64
import hashlib
from datetime import tzinfo
from functools import cache, partial
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from haechi.model.plain import safe
from haechi.respond.decisions import LONGEST, SHORTEST
from haechi.respond.letters import cells, facts, shown_of, some_of
from haechi.respond.phrases import say
from haechi.respond.steps import Row


def question_page(ask: Row, role: str, sender: str, zone: tzinfo, text: str = "", problem: str = "") -> str:
    """The question, with a field for the answer. `text`: what was written before, `problem`: why it was not taken."""
    language = ask["language"]
    shown = shown_of(ask)
    return _environment().get_template("question.html").render(
        language=language,
        say=partial(say, language),
        style=_style(),
        intro=say(language, f"intro_{role}", whom=safe(ask["whom"])),
        facts=facts(ask, zone),
        rows=[cells(one, zone, language) for one in shown],
        some=some_of(ask, len(shown)),
        sender=sender,
        text=text,
        problem=problem,
        shortest=SHORTEST,
        longest=LONGEST,
    )  # fmt: skip


def notice_page(language: str, title: str, more: str = "") -> str:
    """A page with nothing but a sentence or two; `title` and `more` are keys of sentences."""
    told = say(language, more) if more else ""
    return _environment().get_template("notice.html").render(
        language=language, style=_style(), title=say(language, title), more=told
    )  # fmt: skip


@cache
def policy() -> str:
    """The Content-Security-Policy of these pages: their own style, their own form, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    own = f"style-src 'sha256-{digest}'; form-action 'self'"
    return f"default-src 'none'; {own}; base-uri 'none'; frame-ancestors 'none'"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_text), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


@cache
def _style() -> Markup:
    # Our own file, and no text of anybody: the hash in the policy is over these bytes.
    return Markup(_text("page.css"))


def _text(name: str) -> str:
    return (files("haechi.respond") / "pages" / name).read_text(encoding="utf-8")
