"""The shop's pages and calls: how they are asked for, how big they are, which personal data they show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """One page. `prefix + argument + suffix` is the URI asked for; `template` the route in `haechi.toml`."""

    name: str
    method: str
    prefix: str
    template: str
    size: int  # typical body, bytes
    suffix: str = ""
    action: str = "view"
    fields: tuple[str, ...] = ()
    subject: str = "none"
    log: str = "gateway"  # in which log its requests stand
    file: bool = False  # a file of many people: a report, an export, a dump


EXPORTED = ("name", "email", "phone")
REPORTED = ("name", "account_number")
DUMPED = ("name", "phone", "address", "birth_date")

PAGES: tuple[Page, ...] = (
    Page("home", "GET", "/", "/", 18_000),
    Page("search", "GET", "/search?q=%EB%9D%BC%EB%A9%B4&page=", "/search", 24_000),
    Page("search_b", "GET", "/search?q=%EA%B8%B0%EC%A0%80%EA%B7%80&page=", "/search", 25_000),
    Page("search_c", "GET", "/search?q=usb+c+cable&page=", "/search", 23_000),
    Page("product", "GET", "/products/", "/products/{product}", 31_000),
    Page("event", "GET", "/events/", "/events/{event}", 15_000),
    Page("cart", "GET", "/api/cart", "/api/cart", 2_600),
    Page("cart_add", "POST", "/api/cart", "/api/cart", 400, action="create"),
    Page("order_new", "POST", "/api/orders", "/api/orders", 900, action="create"),
    Page("asset", "GET", "/static/img/", "/static/img/{file}", 12_000, suffix=".webp"),
    Page("login", "POST", "/login", "/login", 1_300, action="login"),
    Page("refresh", "POST", "/oauth/token", "/oauth/token", 1_200, action="refresh"),
    Page("join", "POST", "/join", "/join", 700, action="create"),
    Page("profile", "GET", "/api/me/profile", "/api/me/profile", 640,
         fields=("name", "email"), subject="token"),
    Page("addresses", "GET", "/api/me/addresses", "/api/me/addresses", 1_850, action="list",
         fields=("name", "phone", "address"), subject="token"),
    Page("address_edit", "GET", "/api/me/addresses/", "/api/me/addresses/{entry}/edit", 720, suffix="/edit",
         fields=("name", "phone", "address", "entrance_code"), subject="token"),
    Page("orders", "GET", "/api/me/orders", "/api/me/orders", 4_200, action="list", fields=("order",),
         subject="token"),
    Page("order", "GET", "/api/me/orders/", "/api/me/orders/{order}", 1_900,
         fields=("order", "name", "phone", "address"), subject="token"),
    Page("leave", "DELETE", "/api/me", "/api/me", 90, action="delete", subject="token"),
    Page("cs_queue", "GET", "/cs/tickets?page=", "/cs/tickets", 3_000, action="list"),
    Page("cs_ticket", "POST", "/cs/tickets/", "/cs/tickets/{ticket}/notes", 300, suffix="/notes",
         action="create"),
    Page("cs_member", "GET", "/cs/members/", "/cs/members/{member}", 1_400,
         fields=("name", "email", "phone"), subject="path:member"),
    Page("cs_orders", "GET", "/cs/members/", "/cs/members/{member}/orders", 5_200, suffix="/orders",
         action="list", fields=("order", "address"), subject="path:member"),
    Page("stock", "GET", "/internal/stock/", "/internal/stock/{item}", 240),
    Page("delivery", "GET", "/internal/deliveries/", "/internal/deliveries/{parcel}", 520,
         fields=("name", "phone", "address")),
    Page("route", "GET", "/dispatch/routes/", "/dispatch/routes/{route}", 2_100, action="list"),
    Page("label", "GET", "/dispatch/members/", "/dispatch/members/{member}/label", 480, suffix="/label",
         fields=("name", "phone", "address"), subject="path:member"),
    Page("delivered", "POST", "/dispatch/parcels/", "/dispatch/parcels/{parcel}/done", 120, suffix="/done",
         action="update"),
    Page("dashboard", "GET", "/data/dashboards/", "/data/dashboards/{board}", 9_000),
    Page("export", "GET", "/data/exports/", "/data/exports/{file}", 90_000, suffix=".csv", action="export",
         fields=EXPORTED, file=True),
    Page("statement", "GET", "/internal/members/", "/internal/members/{member}/statement", 1_700,
         suffix="/statement", fields=("name", "address", "order"), subject="path:member"),
    Page("report", "GET", "/reports/customers/", "/reports/customers/{file}", 400_000, suffix=".csv",
         action="export", fields=REPORTED, file=True),
    # A database behind a gate that writes down who asked for what, and how many rows went out.
    Page("db_connect", "CONNECT", "/shopdb", "/shopdb", 0, action="login", log="database"),
    Page("db_row", "SELECT", "/shopdb/member", "/shopdb/member", 300, fields=("name", "phone", "address"),
         log="database"),
    Page("db_order", "SELECT", "/shopdb/purchase", "/shopdb/purchase", 900, fields=("order",), log="database"),
    Page("db_fraud", "SELECT", "/frauddb/transaction", "/frauddb/transaction", 80_000, log="database"),
    Page("db_all", "SELECT", "/shopdb/member/all", "/shopdb/member/all", 5_000_000, action="list",
         fields=("name", "phone", "address"), log="database", file=True),
    Page("db_copy", "COPY", "/shopdb/dumps/member-", "/shopdb/dumps/{file}", 5_000_000, suffix=".csv",
         action="export", fields=DUMPED, log="database", file=True),
    # Bytes that left a host, as a tap on the wire counts them.
    Page("flow", "FLOW", "/hosts/subscriber-1/out", "/hosts/{host}/out", 60_000, action="export",
         fields=("phone", "subscriber_key"), log="flow", file=True),
    # Calls to a cloud's storage.
    Page("s3_config", "GetObject", "/s3/config/", "/s3/config/{object}", 2_000, suffix=".json", log="cloud"),
    Page("s3_buckets", "ListBuckets", "/s3", "/s3", 40_000, action="list", log="cloud"),
    Page("s3_list", "ListObjects", "/s3/customer-data-", "/s3/{bucket}", 9_000, action="list", log="cloud"),
    Page("s3_get", "GetObject", "/s3/customer-data-", "/s3/{bucket}/{object}", 4_000_000, suffix="/part-0.csv",
         fields=DUMPED, log="cloud", file=True),
    # Small cells in homes, each with the same certificate, that phones attach to.
    Page("attach", "ATTACH", "/attach/", "/attach/{subscriber}", 200, fields=("phone", "subscriber_key"),
         subject="path:subscriber", log="femto"),
    Page("sms", "SMS", "/sms/", "/sms/{subscriber}", 400, fields=("phone", "message"),
         subject="path:subscriber", log="femto"),
)  # fmt: skip

NUMBER: dict[str, int] = {page.name: number for number, page in enumerate(PAGES)}

# What browsers and apps call themselves. Versions are made up; the first ones are the most common.
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS: tuple[str, ...] = (
    "ShopApp/8.12.0 (Android 14; SM-S918N)",
    "ShopApp/8.12.0 (iOS 17.5; iPhone15,3)",
    "ShopApp/8.11.2 (Android 13; SM-A536N)",
    "ShopApp/8.12.0 (iOS 18.0; iPhone16,1)",
    "ShopApp/8.10.1 (Android 12; SM-N986N)",
    "ShopApp/8.12.0 (Android 14; SM-F946N)",
    "ShopApp/8.9.0 (iOS 16.7; iPhone12,1)",
    "ShopApp/8.11.2 (Android 13; LM-V510N)",
    f"{_WINDOWS} {_KIT} Chrome/135.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 14) {_KIT} Chrome/135.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_KIT} Version/18.1 Safari/605.1.15",
    f"{_WINDOWS} {_KIT} Chrome/134.0.0.0 Safari/537.36 Edg/134.0.0.0",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {_KIT} Version/18.1 Mobile/15E148",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:137.0) Gecko/20100101 Firefox/137.0",
    f"Mozilla/5.0 (X11; Linux x86_64) {_KIT} Chrome/133.0.0.0 Safari/537.36",
    "cs-desk/3.4 (Windows NT 10.0)",
    "nightly-sync/1.9 (okhttp 4.12)",
    f"{_WINDOWS} {_KIT} Chrome/119.0.0.0 Safari/537.36",
    "CourierApp/2.7.1 (Android 13; SM-A336N)",
    f"{_WINDOWS} {_KIT} Chrome/135.0.0.0 Safari/537.36 DataDesk/1.2",
    "statements/4.0 (java/21)",
    "price-bot/0.4 (+https://compare.example/bot)",
    "python-requests/2.32.3",
    "JDBC/42.7 shop-api",
    "psql 16.3",
    "DBeaver 24.1",
    "pg_dump 16.3",
    "aws-sdk-java/2.25",
    "aws-cli/2.15",
    "femto-fw/3.1",
)
APP_AGENTS, WEB_AGENTS = range(8), range(8, 15)
DESK_AGENT, NIGHTLY_AGENT, SPARE_AGENT, COURIER_AGENT, DATA_AGENT = 15, 16, 17, 18, 19
STATEMENT_AGENT, CRAWLER_AGENT, SCRIPT_AGENT = 20, 21, 22
API_AGENT, PSQL_AGENT, CLIENT_AGENT, DUMP_AGENT, SDK_AGENT, SHELL_AGENT, CELL_AGENT = range(23, 30)
