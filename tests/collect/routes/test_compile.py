"""The routes' SQL agrees with the naive matcher, on requests of every kind."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.collect.routes import naive

from haechi.collect.routes.compile import compile_routes
from haechi.collect.routes.template import parse
from haechi.model.settings import DescribedRoute, RouteSettings
from haechi.store.lending import connect

Row = tuple[str | None, str | None, str | None]
ENGINE = connect("500MB", threads=1)

ROUTES = [
    RouteSettings("/api/me/addresses", fields=["phone", "name", "name"], subject="token"),
    RouteSettings("/api/members/{id}", method="GET", fields=["name"], subject="path:id"),
    RouteSettings("/api/members/{id}", method="DELETE", action="delete", subject="path:id"),
    RouteSettings("/api/members/me", method="POST", action="update", subject="token"),
    RouteSettings("/api/members/{id}/orders/{order}", fields=["order"], subject="path:id"),
    RouteSettings("/api/members/{id}.json", subject="path:id"),
    RouteSettings("/lookup", subject="query:member_id", action="list"),
    RouteSettings("/files/{rest...}", subject="path:rest"),
    RouteSettings("/회원/{번호}", subject="path:번호"),
]


def ask(routes: Sequence[RouteSettings], rows: Sequence[Row]) -> list[dict[str, str | None]]:
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(3)]
    request = pa.table(columns, names=["path", "method", "actor"])
    with ENGINE.cursor() as cursor:
        cursor.execute("SET TimeZone = 'UTC'")
        cursor.register("request", request)
        found = cursor.sql(compile_routes(routes).select("request")).to_arrow_table()
    rows_found: list[dict[str, str | None]] = found.to_pylist()
    return rows_found


def one(
    path: str | None, method: str | None = "GET", routes: Sequence[RouteSettings] = ROUTES
) -> dict[str, str | None]:
    return ask(routes, [(path, method, "actor-7")])[0]


@pytest.mark.parametrize(
    ("path", "method", "route", "subject"),
    [
        ("/api/me/addresses?page=2", "GET", "/api/me/addresses", "actor-7"),
        ("/api/me/addresses/", "HEAD", "/api/me/addresses", "actor-7"),
        ("https://shop.example:8443/api/members/12?x=/a", "GET", "/api/members/{id}", "12"),
        ("/api//members/./12#top?x", "get", "/api/members/{id}", "12"),
        ("/static/../api/%6Dembers/1%32", None, "/api/members/{id}", "12"),
        ("/api/members;v=1/12;jsessionid=A", "GET", "/api/members/{id}", "12"),
        ("/api/members/12", "DELETE", "/api/members/{id}", "12"),
        ("/api/members/me", "POST", "/api/members/me", "actor-7"),
        ("/api/members/me", "GET", "/api/members/{id}", "me"),
        ("/api/members/12.json", "GET", "/api/members/{id}.json", "12"),
        ("/api/members/.json", "GET", "/api/members/{id}", ".json"),
        ("/api/members/a%2Fb", "GET", "/api/members/{id}", "a%2Fb"),
        ("/api/members/%ff", "GET", "/api/members/{id}", "%ff"),
        ("/lookup?q=1&member_id=a%20b+c", "POST", "/lookup", "a b c"),
        ("/lookup?member%5Fid=9", "GET", "/lookup", "9"),
        ("/lookup?xmember_id=9", "GET", "/lookup", None),
        ("/files", "GET", "/files/{rest...}", None),
        ("/files/a/b", "GET", "/files/{rest...}", "a/b"),
        ("/%ED%9A%8C%EC%9B%90/5", "GET", "/회원/{번호}", "5"),
        ("api/members/5", "GET", "/api/members/{id}", "5"),
    ],
)
def test_a_request_finds_its_route(path: str, method: str | None, route: str, subject: str | None) -> None:
    found = one(path, method)
    assert (found["route"], found["subject"]) == (route, subject)


def test_fields_are_a_sorted_set_empty_where_known_to_be_none() -> None:
    assert one("/api/me/addresses")["fields"] == "name,phone"
    assert one("/lookup")["fields"] == ""
    assert one("/lookup", routes=[DescribedRoute("/lookup")])["fields"] is None
    assert one("/elsewhere")["fields"] is None


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/products/123/reviews", "/products/{id}/reviews"),
        ("/a/1/2/3", "/a/{id}/{id}/{id}"),
        ("/u/7c9e6679-7425-40de-944b-e07fc1f90ae7", "/u/{id}"),
        ("/f/9f86d081884c7d659a2feaa0c55ad015.png", "/f/{id}.png"),
        ("/u/someone@mail.example", "/u/{id}"),
        ("/call/+82-10-1234-5678", "/call/{id}"),
        ("/o/ORD-20250101", "/o/{id}"),
        ("/t/dGhpc0lzQTR0b2tlbjlXaXRoN3g", "/t/{id}"),
        ("/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "/t/{id}"),
        ("/blog/10-ways-to-keep-2025-logs", "/blog/10-ways-to-keep-2025-logs"),
        ("/style2.css", "/style2.css"),
        ("/img/logo-80.png", "/img/logo-80.png"),
        ("*", None),
        ("-", None),
        ("", None),
        (None, None),
        ("\x16\x03\x01", None),
    ],
)
def test_a_request_without_route_gets_a_template_of_its_own(path: str | None, route: str | None) -> None:
    assert one(path, routes=[]) == {
        "path": path, "method": "GET", "actor": "actor-7", "route": route, "action": "view", "fields": None,
        "subject": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("POST", "/members", "create"), ("PUT", "/members/1", "update"), ("PATCH", "/members/1", "update"),
        ("DELETE", "/members/1", "delete"), ("GET", "/members/export", "export"),
        ("GET", "/m.CSV?x", "export"), ("GET", "/report.xlsx", "export"), ("POST", "/api/login/", "login"),
        ("POST", "/Logout", "logout"),
        ("PROPFIND", "/x", "other"),
    ],
)  # fmt: skip
def test_a_request_without_route_is_named_after_its_method(method: str, path: str, action: str) -> None:
    assert one(path, method, routes=[])["action"] == action


def test_a_made_up_template_is_never_long() -> None:
    found = one("/x/" + "y" * 5000)["route"]
    assert found is not None and len(found) == 200 and found.endswith("{rest...}")


_MANY = [f"t{i}" for i in range(14)]  # more than one CASE compares at once
_TEXT = st.sampled_from(["api", "me", "a", "b", "회원", "x.json", "5", "it's", *_MANY])
_STATIC = st.tuples(_TEXT, st.just(False))
_PARAM = st.tuples(st.sampled_from(["{%}", "{%}", "{%}.json", "x-{%}"]), st.just(True))


@st.composite
def _route(draw: st.DrawFn) -> RouteSettings:
    pieces = draw(st.lists(_STATIC | _STATIC | _PARAM, max_size=4))
    names = [f"p{i}" for i, (_, param) in enumerate(pieces) if param]
    path = "/" + "/".join(text.replace("%", f"p{i}") for i, (text, _) in enumerate(pieces))
    if draw(st.integers(0, 5)) == 0:
        path, names = path.rstrip("/") + "/{rest...}", [*names, "rest"]
    subject = draw(st.sampled_from(["none", "token", "query:id", "query:a b", *[f"path:{n}" for n in names]]))
    return RouteSettings(path, draw(st.sampled_from(["*", "GET", "POST", "head"])), subject=subject)


def _distinct(routes: list[RouteSettings]) -> list[RouteSettings]:
    """As `load` demands: no two routes that stand for the same requests."""
    return list(
        {("GET" if r.method == "head" else r.method, parse(r.path).shape): r for r in routes}.values()
    )


_PIECE = st.sampled_from(
    ["api", "me", "a", "b", "회원", "%ED%9A%8C%EC%9B%90", "x.json", "x-5", "5", ".", "..", "", "%2e%2e",
     "%2F", "%41", "%ff", "%", "a;x=1", "it's", "{p0}", "%00", "'; DROP TABLE q; --", "x" * 300, *_MANY]
) | st.text(max_size=6)  # fmt: skip
_TAIL = st.sampled_from(
    ["", "/", "?", "?id=5", "?x=1&id=a%20b+c&id=2", "?a+b=1", "?a%20b=%41", "#f", "#?id=1", "?%69d=3"]
)
_HEAD = st.sampled_from(["/", "/", "/", "//", "", "https://h/", "HTTP://h:1/", "h:443", "://"])
_PATH = (
    st.none()
    | st.text(max_size=20)
    | st.builds(
        lambda head, pieces, tail: head + "/".join(pieces) + tail, _HEAD, st.lists(_PIECE, max_size=6), _TAIL
    )
)
_METHOD = st.sampled_from(["GET", "POST", "HEAD", "get", "-", "", "WEIRD", None])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(_route(), max_size=40),
    st.lists(st.tuples(_PATH, _METHOD, st.none() | st.just("7")), max_size=40),
)
@example(ROUTES, [("/../../api/me/addresses", "GET", "7"), ("/api/members/x.json", "GET", None)])
def test_the_sql_agrees_with_the_naive_matcher(routes: list[RouteSettings], rows: list[Row]) -> None:
    routes = _distinct(routes)
    for row, found in zip(rows, ask(routes, rows), strict=True):
        expected = naive.answer(routes, *row)
        if expected[0] is None:
            assert found["fields"] is None and found["subject"] is None
            assert (found["route"] is None) == (naive.segments(row[0]) is None)
        else:
            assert (found["route"], found["action"], found["subject"]) == expected


def test_a_thousand_routes_work() -> None:
    routes = [RouteSettings(f"/s{i % 97}/t{i}/{{id}}", subject="path:id") for i in range(1000)]
    routes.append(RouteSettings("/{any}/t5/{id}"))
    rows: list[Row] = [(f"/s{i % 97}/t{i}/{i}", "GET", None) for i in range(1000)] + [
        ("/other/t5/1", "GET", None)
    ]
    found = ask(routes, rows)
    assert [row["subject"] for row in found[:-1]] == [str(i) for i in range(1000)]
    assert found[-1]["route"] == "/{any}/t5/{id}"
