"""AWS ALB lines."""

from __future__ import annotations

from datetime import datetime

from tests.collect.harness import named, read, recognised

LINE = (
    "https 2025-03-04T05:06:07.123456Z app/shop/0123456789abcdef 192.0.2.7:41234 10.0.0.5:8080 "
    '0.001 0.020 0.000 200 200 512 2048 "GET https://shop.example:443/members/42?tab=1 HTTP/2.0" '
    '"Mozilla/5.0 (X11)" TLS_AES TLSv1.3 arn:aws:tg "Root=1-2-3" "shop.example" "arn:aws:cert" 0 '
    '2025-03-04T05:06:07.100000Z "forward" "-" "-" "10.0.0.5:8080" "200" "-" "-"\n'
)
NONSENSE = LINE.replace(
    "GET https://shop.example:443/members/42?tab=1 HTTP/2.0", "- http://shop.example:80- -"
).replace(" 200 200 512", " 400 - 0")


def test_every_column_that_the_line_tells() -> None:
    (record,) = read(named("alb"), LINE).records
    assert record["time"] == datetime(2025, 3, 4, 5, 6, 7, 123456)
    assert (record["client_ip"], record["host"], record["node"]) == (
        "192.0.2.7",
        "shop.example",
        "app/shop/0123456789abcdef",
    )
    assert (record["method"], record["path"]) == ("GET", "/members/42?tab=1")
    assert (record["status"], record["bytes"], record["outcome"]) == (200, 2048, "success")
    assert record["client"] == "Mozilla/5.0 (X11)"


def test_a_request_that_was_no_http_keeps_its_address() -> None:
    (record,) = read(named("alb"), NONSENSE).records
    assert (record["client_ip"], record["method"], record["status"]) == ("192.0.2.7", None, 400)


def test_an_address_of_version_six_loses_its_port_alone() -> None:
    (record,) = read(named("alb"), LINE.replace("192.0.2.7:41234", "[2001:db8::7]:41234")).records
    assert record["client_ip"] == "2001:db8::7"


def test_a_line_cut_off_is_set_aside() -> None:
    found = read(named("alb"), LINE + LINE[:120] + "\n")
    assert len(found.records) == 1
    assert found.aside == [(2, "not a whole line of an AWS ALB log")]


def test_it_is_recognised_among_other_lines() -> None:
    assert recognised(LINE * 3 + "something else\n") == ["alb"]
