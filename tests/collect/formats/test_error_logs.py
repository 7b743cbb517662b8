"""Error logs, as far as they tell of a client."""

from __future__ import annotations

from datetime import datetime

from tests.collect.harness import named, read

NGINX = (
    '2025/03/04 05:06:07 [error] 12#12: *34 user "kim": password mismatch, client: 192.0.2.4, '
    'server: shop.example, request: "GET /admin HTTP/1.1", host: "shop.example"\n'
)
NOISE = "2025/03/04 05:06:07 [notice] 12#12: signal process started\n"
APACHE = (
    "[Tue Mar 04 05:06:07.000008 2025] [auth_basic:error] [pid 9:tid 8] [client 192.0.2.4:5050] "
    "AH01618: user kim not found: /admin\n"
)


def test_a_login_that_nginx_refused() -> None:
    (record,) = read(named("nginx-error"), NGINX).records
    assert record["time"] == datetime(2025, 3, 4, 5, 6, 7)
    assert (record["actor"], record["client_ip"], record["host"]) == ("kim", "192.0.2.4", "shop.example")
    assert (record["method"], record["path"]) == ("GET", "/admin")
    assert (record["action"], record["outcome"]) == ("login", "failure")


def test_behind_syslog_the_machine_is_known() -> None:
    (record,) = read(named("nginx-error"), "<171>1 2025-03-04T05:06:07Z web-1 nginx - - - " + NGINX).records
    assert (record["node"], record["client_ip"]) == ("web-1", "192.0.2.4")


def test_a_login_that_apache_refused() -> None:
    (record,) = read(named("apache-error"), APACHE).records
    assert record["time"] == datetime(2025, 3, 4, 5, 6, 7, 8)
    assert (record["actor"], record["client_ip"], record["path"]) == ("kim", "192.0.2.4", "/admin")
    assert (record["action"], record["outcome"]) == ("login", "failure")


def test_a_line_without_a_client_is_set_aside() -> None:
    assert read(named("nginx-error"), NOISE).aside == [
        (1, "not a line of an nginx error log that tells of a client")
    ]
    assert read(named("apache-error"), APACHE.replace("[client 192.0.2.4:5050] ", "")).aside == [
        (1, "not a line of an Apache error log that tells of a client")
    ]
