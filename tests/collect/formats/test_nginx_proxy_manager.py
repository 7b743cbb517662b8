"""Both shapes of Nginx Proxy Manager."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.collect.harness import named, read, recognised

AGENT = '"curl/8.5" "https://shop.example/"\n'
PROXY = (
    '[04/Mar/2025:05:06:07 +0900] {} GET https shop.example "/a b" [Client 192.0.2.3] [Length 77] [Gzip -] '
)
DIRECT = '[04/Mar/2025:05:06:07 +0900] shop.example 192.0.2.3 0.010 "{}" 200 77 512 - curl/8.5 (x; y)\n'


@pytest.mark.parametrize("statuses", ["- 200 200 -", "HIT 200 200 -", "200 -", "- 502 200 -"])
def test_a_proxy_host_s_line(statuses: str) -> None:
    (record,) = read(
        named("nginx-proxy-manager"), PROXY.format(statuses) + "[Sent-to 10.0.0.1] " + AGENT
    ).records
    assert record["time"] == datetime(2025, 3, 3, 20, 6, 7)
    assert (record["client_ip"], record["host"], record["status"]) == ("192.0.2.3", "shop.example", 200)
    assert (record["method"], record["path"], record["bytes"]) == ("GET", "/a b", 77)
    assert record["client"] == "curl/8.5"


def test_the_line_that_names_the_host_first() -> None:
    (record,) = read(named("nginx-proxy-manager"), DIRECT.format("GET /x HTTP/2.0")).records
    assert (record["method"], record["path"], record["status"]) == ("GET", "/x", 200)
    assert (record["host"], record["client_ip"], record["client"]) == (
        "shop.example",
        "192.0.2.3",
        "curl/8.5 (x; y)",
    )


def test_a_request_that_was_no_http_is_kept_as_it_came() -> None:
    (record,) = read(named("nginx-proxy-manager"), DIRECT.format(r"\x16\x03\x01")).records
    assert (record["method"], record["path"]) == (None, r"\x16\x03\x01")


def test_other_lines_are_set_aside() -> None:
    found = read(
        named("nginx-proxy-manager"), DIRECT.format("GET / HTTP/1.1") + "[04/Mar/2025:05:06:07 +0900] x\n"
    )
    assert found.aside == [(2, "not a whole line of a Nginx Proxy Manager log")]
    assert recognised(DIRECT.format("GET / HTTP/1.1") * 3) == ["nginx-proxy-manager"]
