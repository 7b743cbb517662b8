"""HAProxy lines."""

from __future__ import annotations

from datetime import datetime

from tests.collect.harness import named, read, recognised, source

CORE = (
    "192.0.2.9:50123 [04/Mar/2025:05:06:07.089] web~ app/app-2 0/0/1/12/13 200 1234 - - ---- 3/2/1/0/0 0/0 "
    '"{}"\n'
).format("GET /orders/7 HTTP/1.1")
REFUSED = "192.0.2.9:50124 [04/Mar/2025:05:06:08.001] web/1: SSL handshake failure\n"


def test_a_request_bare_and_behind_syslog() -> None:
    found = read(named("haproxy"), CORE + "Mar  4 05:06:07 lb-1 haproxy[77]: " + CORE)
    assert [r["node"] for r in found.records] == [None, "lb-1"]
    for record in found.records:
        assert record["time"] == datetime(2025, 3, 4, 5, 6, 7, 89000)
        assert (record["client_ip"], record["host"]) == ("192.0.2.9", "web")
        assert (record["method"], record["path"], record["status"]) == ("GET", "/orders/7", 200)
        assert record["bytes"] == 1234


def test_captured_headers_stand_before_the_request() -> None:
    (record,) = read(named("haproxy"), CORE.replace(' 0/0 "', ' 0/0 {shop.example|curl/8} {} "')).records
    assert record["path"] == "/orders/7"


def test_a_refused_connection_is_a_failure_without_a_request() -> None:
    (record,) = read(named("haproxy"), REFUSED).records
    assert (record["client_ip"], record["outcome"], record["path"]) == ("192.0.2.9", "failure", None)


def test_times_are_in_the_source_s_zone() -> None:
    found = read(named("haproxy"), CORE, source(timezone="Asia/Seoul"))
    assert found.records[0]["time"] == datetime(2025, 3, 3, 20, 6, 7, 89000)
    assert found.notes == ("times carry no zone: read as Asia/Seoul",)


def test_other_lines_are_set_aside() -> None:
    found = read(named("haproxy"), CORE + "Proxy web started.\n")
    assert found.aside == [(2, "not a whole line of an HAProxy log")]
    assert recognised(CORE + REFUSED) == ["haproxy"]
