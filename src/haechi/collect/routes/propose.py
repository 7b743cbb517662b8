"""Routes guessed from sample requests, for a person to correct.

Precision comes first: a page is called personal only where its path says so twice over, as in "members",
then an id; or "me", then "addresses". A public web site gets none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from haechi.collect.routes import words
from haechi.collect.routes.generic import ID_LOOKS
from haechi.model.settings import RouteSettings

_ID = re.compile(rf"(?:{'|'.join(ID_LOOKS)})")
_ASSET = re.compile(
    r"\.(?:png|jpe?g|gif|svg|ico|webp|avif|css|js|mjs|map|woff2?|ttf|eot|mp[34]|webm|pdf|zip|gz|jar|txt|xml|rss)$",
    re.I,
)
_ODD = re.compile(r"[^\w.~@+ -]")
_MANY = 20  # so many different values at one place make it a parameter
_SOME = 4  # enough behind a word such as "members"
_MOST_PUBLIC = 20  # templates without personal data that are worth naming
_READS = {"GET", "HEAD"}

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """A guessed route: `count` sample requests fit it; `reason` is a clause that says why it was guessed."""

    route: RouteSettings
    reason: str
    count: int


@dataclass(frozen=True)
class _Page:
    """One template as seen in the samples: names of parameters in braces."""

    parts: Parts
    methods: Counter[str]
    queries: Counter[str]

    @property
    def path(self) -> str:
        return "/" + "/".join(self.parts)

    @property
    def count(self) -> int:
        return sum(self.methods.values())

    @property
    def plain(self) -> list[str]:
        """The words of the path; "" where a parameter stands."""
        return ["" if _is_parameter(part) else words.plain(part) for part in self.parts]


@dataclass(frozen=True)
class _Guess:
    fields: Sequence[str]
    subject: str
    reason: str
    action: str = "view"


def propose_routes(samples: Iterable[tuple[str, str]]) -> list[Proposal]:
    """Guess routes from (method, path as logged) of sample requests.

    Pages that look personal come first (their `fields` are not empty), then the busiest other templates;
    each kind by falling count. Static assets are left out.
    """
    personal, public = [], []
    for page in _pages(samples):
        guess = _guess(page)
        if guess is None:
            public.append(
                Proposal(RouteSettings(page.path), "seen often, nothing personal in its name", page.count)
            )
            continue
        for method, count in _asked(page, guess):
            route = RouteSettings(page.path, method, guess.action, sorted(guess.fields), guess.subject)
            personal.append(Proposal(route, guess.reason, count))
    order = sorted(personal, key=lambda p: (not p.route.fields, -p.count, p.route.path, p.route.method))
    return order + sorted(public, key=lambda p: (-p.count, p.route.path))[:_MOST_PUBLIC]


def _asked(page: _Page, guess: _Guess) -> Iterator[tuple[str, int]]:
    """The methods under which a page shows its data: reading it, and searches that are posted."""
    reads = sum(page.methods[method] for method in _READS)
    if reads:
        yield "GET", reads
    if page.methods["POST"] and guess.action in ("list", "export"):
        yield "POST", page.methods["POST"]


def _guess(page: _Page) -> _Guess | None:
    """What a page shows of whom, or None where nothing speaks for personal data."""
    plain = page.plain
    if not plain or any(_ODD.search(part) for part in page.parts if not _is_parameter(part)):
        return None  # what scanners send proves nothing
    return (
        _own(plain)
        or _by_id(page, plain)
        or _by_query(page, plain)
        or _of_many(plain)
        or _record(page, plain)
    )


def _own(plain: list[str]) -> _Guess | None:
    """`/api/me/addresses`, `/mypage/orders`, `/profile`."""
    at = next((i for i, word in enumerate(plain) if word in words.SELF), -1)
    if at >= 0 and _are_prefixes(plain[:at]):
        rest = [word for word in plain[at + 1 :] if word]
        fields = _fields(rest) if rest else () if plain[at] == "my" else words.PROFILE_FIELDS
        return _Guess(fields, "token", f'"{plain[at]}" is the one who asks') if fields else None
    if plain[-1] == "edit" and len(plain) > 1:
        plain = plain[:-1]
    if plain[-1] in words.OWN_PAGES and plain[-1] != "account" and _are_prefixes(plain[:-1]):
        return _Guess(
            words.PROFILE_FIELDS, "token", f'"{plain[-1]}" without an id is the page of the one who asks'
        )
    if (
        len(plain) > 1
        and plain[-2] in words.OWN_PAGES
        and plain[-1] in words.PAGES
        and _are_prefixes(plain[:-2])
    ):
        return _Guess(words.PAGES[plain[-1]], "token", f'"{plain[-2]}" without an id is of the one who asks')
    return None


def _by_id(page: _Page, plain: list[str]) -> _Guess | None:
    """`/members/{member_id}/addresses`."""
    for at in range(len(plain) - 1):
        if plain[at] not in words.PERSON_NOUNS or plain[at + 1]:
            continue
        rest = [word for word in plain[at + 2 :] if word]
        # What is not known to be personal may be public: a member's articles, a user's followers.
        fields = _fields(rest) if rest else words.PROFILE_FIELDS
        exported = bool(rest) and rest[-1] in words.EXPORTS
        subject = "path:" + page.parts[at + 1].strip("{}")
        reason = f'an id behind "{page.parts[at]}" is one person'
        return _Guess(fields, subject, reason, "export" if exported else "view") if fields else None
    return None


def _by_query(page: _Page, plain: list[str]) -> _Guess | None:
    """`/member/view?member_no=5`."""
    name = next((name for name, _ in page.queries.most_common() if words.is_person_parameter(name)), "")
    speaks = any(word in words.PERSON_NOUNS for word in plain)
    fields = _fields([word for word in plain if word]) or (words.PROFILE_FIELDS if speaks else ())
    # Signing up and in name a person too, but show nothing of one.
    if not name or not fields or plain[-1] in {"login", "signin", "register", "signup", "join", "logout"}:
        return None
    return _Guess(fields, f"query:{name}", f'the query\'s "{name}" is one person')


def _of_many(plain: list[str]) -> _Guess | None:
    """`/admin/members/search`, `/admin/customers/export`: in places for staff alone."""
    noun = next((i for i, word in enumerate(plain) if word in words.PERSON_NOUNS), -1)
    if noun < 1 or not any(word in words.STAFF_AREAS for word in plain[:noun]):
        return None
    rest = plain[noun + 1 :]
    if rest and rest[-1] in words.EXPORTS:
        return _Guess(words.PROFILE_FIELDS, "none", f'"{plain[noun]}" are exported', "export")
    if not rest or rest[-1] in words.SEARCHES:
        return _Guess(words.PROFILE_FIELDS, "none", f'"{plain[noun]}" are listed for staff', "list")
    return None


def _record(page: _Page, plain: list[str]) -> _Guess | None:
    """`/api/orders/{order_id}`: somebody's, but the path does not say whose."""
    if len(plain) > 1 and plain[-2] in words.RECORD_NOUNS and not plain[-1] and _are_prefixes(plain[:-2]):
        return _Guess(
            ("order",), "none", f'"{page.parts[-2]}" with an id is one person\'s, the path does not say whose'
        )
    return None


def _are_prefixes(plain: Sequence[str]) -> bool:
    return all(word and words.PREFIXES.fullmatch(word) for word in plain)


def _fields(rest: Sequence[str]) -> Sequence[str]:
    """What the last telling word of a path says."""
    return next((words.PAGES[word] for word in reversed(rest) if word in words.PAGES), ())


def _pages(samples: Iterable[tuple[str, str]]) -> list[_Page]:
    """The templates behind the samples."""
    methods: dict[Parts, Counter[str]] = defaultdict(Counter)
    queries: dict[Parts, Counter[str]] = defaultdict(Counter)
    for (method, target), count in Counter(samples).items():
        parts, query = _read(target)
        if parts is None or (parts and _ASSET.search(parts[-1])):
            continue
        methods[parts][method.upper()] += count
        queries[parts].update(dict.fromkeys((name for name, _ in query), count))
    templates = _templates(list(methods))
    pages: dict[Parts, _Page] = {}
    for parts, template in templates.items():
        page = pages.setdefault(template, _Page(template, Counter(), Counter()))
        page.methods.update(methods[parts])
        page.queries.update(queries[parts])
    return list(pages.values())


def _read(target: str) -> tuple[Parts | None, list[tuple[str, str]]]:
    """The decoded segments of a request target, None where it is no path; and its query's pairs."""
    try:
        split = urlsplit(target if "://" in target.split("?")[0] else "//host" + target)
        query = parse_qsl(split.query, max_num_fields=50)
    except ValueError:
        return None, []
    if not target.startswith("/") and "://" not in target:
        return None, []
    parts = tuple(unquote(part.split(";")[0]) for part in split.path.split("/"))
    return tuple(part for part in parts if part and part != "."), query


def _templates(paths: Sequence[Parts]) -> dict[Parts, Parts]:
    """For each path its template: ids by their look first, then places where very many values stand."""
    named = {parts: tuple("{}" if _ID.fullmatch(part) else part for part in parts) for parts in paths}
    longest = max((len(parts) for parts in paths), default=0)
    # Never the first segment: there, many values are many sections of one site.
    for depth in range(1, longest):
        seen: dict[Parts, set[str]] = defaultdict(set)
        for parts in named.values():
            if len(parts) > depth and parts[depth] != "{}":
                seen[parts[:depth]].add(parts[depth])
        wide = {prefix for prefix, values in seen.items() if len(values) >= _enough(prefix)}
        for path, parts in named.items():
            if len(parts) > depth and parts[:depth] in wide and words.plain(parts[depth]) not in words.PAGES:
                named[path] = (*parts[:depth], "{}", *parts[depth + 1 :])
    return {path: _with_names(parts) for path, parts in named.items()}


def _enough(prefix: Parts) -> int:
    return _SOME if prefix and words.plain(prefix[-1]) in words.PERSON_NOUNS else _MANY


def _with_names(parts: Parts) -> Parts:
    """`{}` named after the segment before it: `members/{}` is `members/{member_id}`."""
    named: list[str] = []
    for i, part in enumerate(parts):
        if part != "{}":
            named.append(part)
            continue
        before = re.sub(r"\W+", "_", parts[i - 1]).strip("_") if i and parts[i - 1] != "{}" else ""
        singular = _singular(before)
        name = f"{singular}_id" if singular else "id"
        again = sum(1 for earlier in named if re.fullmatch(rf"\{{{re.escape(name)}\d*\}}", earlier))
        named.append("{" + name + (str(again + 1) if again else "") + "}")
    return tuple(named)


def _is_parameter(part: str) -> bool:
    return part.startswith("{") and part.endswith("}")


def _singular(word: str) -> str:
    """`members` to `member`, `addresses` to `address`, `companies` to `company`; `address` stays."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word if word.endswith("ss") else word.removesuffix("s")
