"""What a Sigma condition selects, edge by edge of the specification."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ..worlds import T0
from .running import flagged, rule_of


def records(column: str, *values: object) -> list[dict[str, Any]]:
    return [{"time": T0, "client_ip": "192.0.2.1", column: value} for value in values]


PATHS = [
    "/Admin/login.php?user=kim",
    "/admin",
    "/a%20b",
    "/x_y",
    "/x-y",
    "/star*",
    "/why?",
    r"/back\slash",
    None,
    "",
]

CASES = [
    # field, column, values, the numbers of those selected
    ("cs-uri: /ADMIN", "path", PATHS, [2]),
    ("cs-uri|cased: /ADMIN", "path", PATHS, []),
    ("cs-uri|cased: /admin", "path", PATHS, [2]),
    ("cs-uri|contains: ADMIN", "path", PATHS, [1, 2]),
    ("cs-uri|contains|cased: Admin", "path", PATHS, [1]),
    ("cs-uri|startswith: /adm", "path", PATHS, [1, 2]),
    ("cs-uri|endswith: y", "path", PATHS, [4, 5]),
    ("cs-uri|contains|all: [admin, kim]", "path", PATHS, [1]),
    ("cs-uri|contains: [kim, star]", "path", PATHS, [1, 6]),
    # Per cent and underscore are letters like any other; so is an escaped wildcard.
    ("cs-uri|contains: '%'", "path", PATHS, [3]),
    ("cs-uri|contains: 'x_'", "path", PATHS, [4]),
    ("cs-uri: '/x?y'", "path", PATHS, [4, 5]),
    ("cs-uri: '/x*y'", "path", PATHS, [4, 5]),
    (r"cs-uri: '/star\*'", "path", PATHS, [6]),
    (r"cs-uri|endswith: '\?'", "path", PATHS, [7]),
    (r"cs-uri|contains: 'k\s'", "path", PATHS, [8]),
    (r"cs-uri: '/back\\*'", "path", PATHS, [8]),
    ("cs-uri: '*'", "path", PATHS, [1, 2, 3, 4, 5, 6, 7, 8, 10]),
    # Absent and empty: collected alike.
    ("cs-uri: ''", "path", PATHS, [9, 10]),
    ("cs-uri: null", "path", PATHS, [9]),
    ("cs-uri|exists: true", "path", PATHS, [1, 2, 3, 4, 5, 6, 7, 8, 10]),
    ("cs-uri|exists: false", "path", PATHS, [9]),
    ("cs-uri: [/admin, null]", "path", PATHS, [2, 9]),
    ("cs-uri-stem|endswith: .php", "path", PATHS, [1]),
    ("cs-uri-query: user=KIM", "path", PATHS, [1]),
    ("c-uri-extension: php", "path", PATHS, [1]),
    ("cs-uri|re: '^/x.y$'", "path", PATHS, [4, 5]),
    ("cs-uri|re: 'ADMIN'", "path", PATHS, []),
    ("cs-uri|re|i: 'ADMIN'", "path", PATHS, [1, 2]),
    ("cs-uri|re: '[*?]'", "path", PATHS, [1, 6, 7]),
    ("cs-uri|base64|contains: kim", "path", ["/a2lt", "/kim"], [1]),
    ("c-uri|contains: \"it's\"", "path", ["/it's", "/its"], [1]),
    ("cs-uri|contains: '--'", "path", ["/a--b", "/a-b"], [1]),
    ("cs-uri|contains: '/*'", "path", ["/*", "/a"], [1, 2]),
    (r"cs-uri|contains: '/\*'", "path", ["/*", "/a"], [1]),
    ("cs-uri|contains: '$sources'", "path", ["/$sources", "/a"], [1]),
    ("cs-uri|contains: 'Ärger'", "path", ["/ÄRGER", "/arger"], [1]),
    ("cs-uri: '회원'", "path", ["회원", "회사"], [1]),
    ("sc-status: 404", "status", [404, 200, None], [1]),
    ("sc-status: '404'", "status", [404, 200, None], [1]),
    ("sc-status: [401, 403]", "status", [401, 403, 404], [1, 2]),
    ("sc-status|startswith: '4'", "status", [401, 403, 500, None], [1, 2]),
    ("sc-status|gte: 400", "status", [399, 400, 500, None], [2, 3]),
    ("sc-status|gt: 400", "status", [399, 400, 500, None], [3]),
    ("sc-status|lt: 400", "status", [399, 400, 500, None], [1]),
    ("sc-status|lte: 400", "status", [399, 400, 500, None], [1, 2]),
    ("cs-username: 7", "actor", ["7", "07", None], [1]),
    ("cs-username|gt: 8", "actor", ["7", "10", "kim"], [2]),
    ("c-ip|cidr: 10.0.0.0/8", "client_ip", ["10.9.8.7", "11.0.0.0", "9.255.255.255", None, "x"], [1]),
    ("c-ip|cidr: 192.0.2.128/25", "client_ip", ["192.0.2.127", "192.0.2.128", "192.0.2.255"], [2, 3]),
    ("c-ip|cidr: '2001:db8::/33'", "client_ip", ["2001:DB8::1", "2001:db8:8000::", "32.1.13.184"], [1]),
    ("c-ip|cidr: 10.0.0.0/8", "client_ip", ["::ffff:10.1.2.3", "::ffff:11.1.2.3"], [1]),
    ("c-ip|cidr: [10.0.0.0/8, '::1/128']", "client_ip", ["10.1.2.3", "::1", "::2"], [1, 2]),
    ("cs-username|fieldref: cs-host", "actor", ["kim"], []),
    ("cs-username|neq: kim", "actor", ["kim", "lee", None], [2, 3]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "column", "values", "expected"), CASES, ids=[f"{n} {case[0]}" for n, case in enumerate(CASES)]
)
def test_field(tmp_path: Path, field: str, column: str, values: list[Any], expected: list[int]) -> None:
    sigma = rule_of(f"selection:\n    {field}\ncondition: selection")
    assert flagged(tmp_path, sigma, records(column, *values)) == expected


@pytest.mark.parametrize(("field", "expected"), [
    ("1 of them", [1, 2, 3]),
    ("any of them", [1, 2, 3]),
    ("all of them", [2]),
    ("1 of selection_*", [1, 2, 3]),
    ("all of selection_*", [2]),
    ("selection_kim and not selection_post", [1]),
    ("selection_kim and not 1 of selection_p*", [1]),
    ("not selection_kim", [3, 4]),
    ("not (selection_kim or selection_post)", [4]),
    ("not selection_kim and not selection_post", [4]),
    ("not not selection_kim", [1, 2]),
    ("_hidden", [4]),
])  # fmt: skip
def test_condition(tmp_path: Path, field: str, expected: list[int]) -> None:
    """A record without the field is not "this value": a bare NOT of SQL would lose it."""
    sigma = rule_of(
        f"""
        selection_kim:
            cs-username: kim
        selection_post:
            cs-method: POST
        _hidden:
            cs-method: PUT
        condition: {field}
        """
    )
    rows = [
        {"time": T0, "client_ip": "192.0.2.1", "actor": actor, "method": method}
        for actor, method in [("kim", "GET"), ("Kim", "POST"), (None, "post"), (None, "PUT")]
    ]
    assert flagged(tmp_path, sigma, rows) == expected


def test_several_conditions_are_alternatives(tmp_path: Path) -> None:
    sigma = rule_of("a:\n    cs-username: kim\nb:\n    cs-username: lee\ncondition: [a, b]")
    assert flagged(tmp_path, sigma, records("actor", "kim", "lee", "han")) == [1, 2]


def test_a_list_of_maps_is_one_of_them(tmp_path: Path) -> None:
    sigma = rule_of(
        "selection:\n    - cs-username: kim\n      sc-status: 200\n    - cs-username: lee\ncondition: selection"
    )
    rows = [
        {"time": T0, "client": "x", "actor": actor, "status": status}
        for actor, status in [("kim", 200), ("kim", 404), ("lee", 404)]
    ]
    assert flagged(tmp_path, sigma, rows) == [1, 3]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("[union select, sleep(]", [1, 2]),
        ("['|all': [union, 'sleep*5']]", [3]),
        ("[404]", [4]),
        ("['100%']", [5]),
    ],
)
def test_keywords_are_looked_for_in_the_whole_record(tmp_path: Path, words: str, expected: list[int]) -> None:
    if "|all" in words:
        sigma = rule_of("keywords:\n    '|all': [union, 'sleep*5']\ncondition: keywords")
    else:
        sigma = rule_of(f"keywords: {words}\ncondition: keywords")
    rows = records("path", "/a?UNION SELECT", "/b?sleep(9)", "/union?sleep 5", "/404", "/100%", "/1000")
    assert flagged(tmp_path, sigma, rows) == expected


def test_field_reference(tmp_path: Path) -> None:
    sigma = rule_of("selection:\n    actor|fieldref: subject\ncondition: selection")
    rows = [
        {"time": T0, "actor": "m1", "subject": "M1"},
        {"time": T0, "actor": "m1", "subject": "m2"},
        {"time": T0, "actor": None, "subject": None},
    ]
    assert flagged(tmp_path, sigma, rows) == [1]


def test_hours_are_those_of_the_workspace(tmp_path: Path) -> None:
    sigma = rule_of("selection:\n    time|hour: 3\ncondition: selection")
    rows = [{"time": datetime(2025, 5, 1, hour), "client": "x"} for hour in (3, 18)]
    assert flagged(tmp_path, sigma, rows) == [1]
    assert flagged(tmp_path, sigma, rows, zone="Asia/Seoul") == [2]
