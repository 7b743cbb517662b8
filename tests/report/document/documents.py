"""Hand-made reports to draw. All names and numbers are made up; the hostile ones are what a log may hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from haechi.model.values import (
    AttributionFact,
    Explained,
    Hole,
    NetworkShare,
    Possible,
    PossibleCount,
    ScopeCount,
)
from haechi.report.document import model
from haechi.report.document.words import Words

ZONE = ZoneInfo("Asia/Seoul")
FIRST = datetime(2025, 5, 31, 15, tzinfo=UTC)
LAST = datetime(2025, 6, 30, 15, tzinfo=UTC)
SEEN = datetime(2025, 6, 3, 4, 5, 6, tzinfo=UTC)
HOSTILE = (
    '<script>alert("x")</script>',
    "</title></script><img src=x onerror=alert(1)>",
    "\x1b[31mred\x1b[0m\x07",
    "abc\u202egnp.exe",
    '=HYPERLINK("http://evil.example")',
    "{{ 7*7 }}{% raw %}%(n)s",
    "a" * 4000,
)
CHECKPOINT = "haechi.local/0123456789abcdef 31 49XO+gLOy4wtkJ0ZgdKX3oLipGQ78e2aFbIwXvBBOz0="


def words(language: str = "en") -> Words:
    return Words.of(language, ZONE)


def made() -> model.Made:
    return model.Made(
        datetime(2025, 7, 2, 1, 0, tzinfo=UTC),
        "inspector (uid 1000)",
        "0.1.0",
        "shop.example",
        "privacy@shop.example",
        "Kim, internal audit, not of operations",
        "0" * 64,
    )


def found(entity: str = "key-1", rule: str = "never-issued", **changed: object) -> model.Found:
    values: dict[str, object] = {
        "rule": rule, "tier": "provenance", "severity": "critical", "entity_kind": "key", "entity": entity,
        "first_seen": SEEN, "last_seen": SEEN + timedelta(days=9), "requests": 1200, "persons": 345, "case": "C-7f3a2b",
        "sentence": "It was found.",
    }  # fmt: skip
    return model.Found(**(values | changed))  # type: ignore[arg-type]


def case(entity: str = "key-1", **changed: object) -> model.CaseReport:
    scope = ScopeCount(
        1200, 1000, 300, 345, 290, 10, 45, 77, {"name": 345, "phone": 12},
        Possible(PossibleCount(None, None, "nothing counts"), PossibleCount(40, 3, "the registry")),
    )  # fmt: skip
    values: dict[str, object] = {
        "id": "C-7f3a2b", "rule": "never-issued", "tier": "provenance", "severity": "critical", "entity_kind": "key",
        "entity": entity, "title": "t", "sentence": "s", "first_seen": SEEN, "last_seen": SEEN + timedelta(days=9),
        "scope": scope, "month_requests": 1200,
        "days": [model.CaseDay(date(2025, 6, 3) + timedelta(days=n), 100 + n, 30) for n in range(10)],
        "entities": {"key": [entity], "client_ip": ["192.0.2.7", "192.0.2.8"]},
        "entity_counts": {"key": 1, "client_ip": 73, "credential": 1200},
        "findings": [found(entity), found(entity, "leaver", entity_kind="person", severity="high")],
        "leaning": "insider",
        "facts": [
            AttributionFact("key_readers", "insider", "3 could read it", {"readers": 3, "left": 1}, 5),
            AttributionFact("something_new", "outsider", "A sentence of its own."),
        ],
        "networks": [NetworkShare("KR", "Example Net", 64500, None, 3, 20)],
        "holes": [HOLE], "notes": ["12 requests named nobody."],
    }  # fmt: skip
    return model.CaseReport(**(values | changed))  # type: ignore[arg-type]


HOLE = Hole("gateway", "silent", SEEN, SEEN + timedelta(hours=9), None, "gateway was silent.")


def inspection(entity: str = "key-1", **changed: object) -> model.InspectionDocument:
    days = [model.Day(date(2025, 6, 1) + timedelta(days=n), 50 + n, 20 + n, 10 + n, n % 3) for n in range(30)]
    values: dict[str, object] = {
        "month": model.Month(2025, 6, "Asia/Seoul", FIRST, LAST), "made": made(), "checkpoint": CHECKPOINT,
        "totals": model.Totals(40791, 29324, 312, 16625, 17764, 812, 3, 123456789, FIRST, LAST - timedelta(hours=1)),
        "items": model.Items(29324, 29324, 29324, 29000, 29294, 29324, 17, 2),
        "sources": [
            model.Source("gateway", "access", 40791, 5, 0, FIRST, LAST),
            model.Source("hr", "person", 68, 1, 0, None, None)
        ],
        "aside": [
            model.Aside(entity, "cannot be read", 5, entity, 12, True),
            model.Aside("hr", "the header line", 1, "hr.csv", 1, False)
        ],
        "days": days,
        "grid": [model.Cell(weekday, hour, 9, weekday * hour) for weekday in range(1, 8) for hour in range(24)],
        "buckets": [model.Bucket(1, 1, 19752), model.Bucket(2, 9, 7), model.Bucket(10, 99, 1)],
        "outliers": [model.Outlier("credential", "00ff" * 8, 25, 30, "C-7f3a2b")],
        "actors": [model.Actor(entity, "staff", 130, 50, 25, 2, "C-7f3a2b"), model.Actor("cs-2", "", 3, 3, 2, 0)],
        "addresses": [model.Address("192.0.2.7", 1753, 1752, 1751, "KR", entity, "C-7f3a2b")],
        "networks": [
            model.Network(entity, "KR", 3, 1752, 20),
            model.Network("198.51.100.0/24", None, 1, 7, 0),
        ],
        "trend": [
            model.Trend(2025, 5, 42011, 31576, 0, None, 30597),
            model.Trend(2025, 6, 40791, 29324, 3, 16625, 29459),
        ],
        "exports": [model.Export(entity, 3, 1, 2, 1234, 90, SEEN, SEEN, ["ticket T-1"])],
        "findings": [found(entity)], "cases": [case(entity)],
        "rights": [model.Right(SEEN, "ended", "grant", "db", "e2001", entity, "audit log")], "rights_known": True,
        "rules": [
            model.RuleReport("never-issued", "Credentials that were never issued", "provenance", True, 1, "", {}),
            model.RuleReport("leaver", "Somebody who had left", "provenance", True, 1, "", {"grace": "1d"}),
            model.RuleReport("own", "100 % of our own %(rule)s", "purpose", True, 0, "unknown: 3 accesses", {}),
            model.RuleReport("off-shift-lookup", "x", "purpose", False, 0, "no shifts were collected", {}),
        ],
        "holes": [HOLE, Hole("", "clock", None, None, None, "The clock was wrong.")],
        "explained": Explained(1785, 1761, {"order": 287}, 3, 313, 313),
        "open_items": [model.Item("A-1", "C-7f3a2b", entity, "reminded", SEEN, SEEN, True, 12, 4)],
    }  # fmt: skip
    return model.InspectionDocument(**(values | changed))  # type: ignore[arg-type]


def of_case(entity: str = "key-1") -> model.CaseDocument:
    versions = [
        model.ScopeVersion(SEEN, "inspector (uid 1000)", 20, 900, 300, 280, False, 0, 0),
        model.ScopeVersion(LAST, "inspector (uid 1000)", 31, 1200, 345, 300, True, 5000, 3),
    ]
    document = inspection(entity)
    return model.CaseDocument(
        made(), "Asia/Seoul", CHECKPOINT, case(entity), versions, document.open_items, document.rules
    )


def drill() -> model.DrillDocument:
    return model.DrillDocument(
        made(), CHECKPOINT, "coupang-2025", "Forged tokens", 0.001, 1, 229318, False,
        1.0, 0.99999999, 0.5, 1.0, 2.25, 17, 19097, 1,
        [model.DrillPhase("coupang-2025", "tests", 12, 3)],
        [model.DrillCase("C-7f3a2b", "never issued", 100, 99, 80, 80, ["never-issued"])],
        {"off-shift-lookup": "no shifts were collected"},
    )  # fmt: skip
