"""Routes guessed from samples: what must be found, and what must never be called personal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.collect.routes.propose import Proposal, propose_routes
from haechi.collect.routes.template import parse
from haechi.model.settings import RouteSettings


def personal(samples: list[tuple[str, str]]) -> list[RouteSettings]:
    return [proposal.route for proposal in propose_routes(samples) if proposal.route.fields]


def many(path: str, method: str = "GET", count: int = 30) -> list[tuple[str, str]]:
    """The path asked for again and again, with "%" for another number each time."""
    return [(method, path.replace("%", str(1000 + 7 * i))) for i in range(count)]


@pytest.mark.parametrize(
    ("path", "template", "fields", "subject", "action"),
    [
        ("/api/me/addresses", None, "address name phone", "token", "view"),
        ("/api/v1/me", None, "email name", "token", "view"),
        ("/mypage/orders?page=%", "/mypage/orders", "order", "token", "view"),
        ("/profile/edit", None, "email name", "token", "view"),
        ("/ko/account/addresses", None, "address name phone", "token", "view"),
        ("/members/%", "/members/{member_id}", "email name", "path:member_id", "view"),
        ("/users/%/orders/%", "/users/{user_id}/orders/{order_id}", "order", "path:user_id", "view"),
        ("/v2/patients/%/records", "/v2/patients/{patient_id}/records", "health", "path:patient_id", "view"),
        ("/회원/%/배송지", "/회원/{회원_id}/배송지", "address name phone", "path:회원_id", "view"),
        ("/会員/%/住所", "/会員/{会員_id}/住所", "address name phone", "path:会員_id", "view"),
        ("/cs/member/view.do?memberNo=%", "/cs/member/view.do", "email name", "query:memberNo", "view"),
        ("/admin/order/list?user_id=%", "/admin/order/list", "order", "query:user_id", "view"),
        ("/admin/customers?page=%", "/admin/customers", "email name", "none", "list"),
        ("/admin/members/export?from=%", "/admin/members/export", "email name", "none", "export"),
        ("/orders/%", "/orders/{order_id}", "order", "none", "view"),
    ],
)
def test_a_personal_page_is_found(
    path: str, template: str | None, fields: str, subject: str, action: str
) -> None:
    assert personal(many(path)) == [RouteSettings(template or path, "GET", action, fields.split(), subject)]


@pytest.mark.parametrize(
    "path",
    [
        "/", "/about", "/company/profile", "/products/%", "/images/me.png", "/contact",
        "/blog/2012/12/me.html", "/members/login", "/user/register", "/user/register?user_id=%",
        "/my/favorites", "/users/%/followers", "/static/members/%.png", "/email/unsubscribe",
        "/articles/address-book-in-ruby", "/account/login", "/search?q=member_id", "/team/members",
        "/wp-login.php?action=register", "/store/locations/%",
    ],
)  # fmt: skip
def test_a_public_page_stays_public(path: str) -> None:
    assert personal(many(path)) == []


def test_names_behind_a_persons_noun_are_parameters() -> None:
    samples = [("GET", f"/users/{name}") for name in ("kim", "lee", "park", "choi", "jung")]
    assert [route.path for route in personal(samples)] == ["/users/{user_id}"]


def test_many_values_make_a_parameter_and_counts_add_up() -> None:
    samples = [("GET", f"/blog/{chr(97 + i % 26)}-title-{'x' * i}") for i in range(40)]
    (proposal,) = propose_routes(samples)
    assert (proposal.route.path, proposal.route.fields, proposal.count) == ("/blog/{blog_id}", [], 40)


def test_reading_is_proposed_and_posting_is_not() -> None:
    samples = [*many("/members/%"), *many("/members/%", "POST", 5), *many("/admin/members/search", "POST", 9)]
    found = {(route.path, route.method) for route in personal(samples)}
    assert found == {("/members/{member_id}", "GET"), ("/admin/members/search", "POST")}


def test_personal_pages_come_first_with_a_reason() -> None:
    proposals = propose_routes([*many("/about", count=99), *many("/api/me/profile", count=2)])
    assert [p.route.path for p in proposals] == ["/api/me/profile", "/about"]
    assert proposals[0] == Proposal(proposals[0].route, '"me" is the one who asks', 2)


@given(st.lists(st.tuples(st.sampled_from(["GET", "POST", "", "get"]), st.text(max_size=30)), max_size=30))
def test_garbage_gives_readable_templates_or_nothing(samples: list[tuple[str, str]]) -> None:
    for proposal in propose_routes(samples):
        assert proposal.route.path.startswith("/") and proposal.count >= 1
        if proposal.route.fields:
            parse(proposal.route.path)


@pytest.mark.parametrize(
    ("plural", "singular"),
    [("members", "member"), ("addresses", "address"), ("companies", "company"), ("address", "address")],
)
def test_a_parameter_is_named_in_the_singular(plural: str, singular: str) -> None:
    samples = [("GET", f"/v1/{plural}/{n}/profile") for n in range(100, 160)]
    assert [p.route.path for p in propose_routes(samples)] == [f"/v1/{plural}/{{{singular}_id}}/profile"]
