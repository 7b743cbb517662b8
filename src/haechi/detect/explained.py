"""Which share of the accesses at work has a reason on record: the measure of how much the rules of purpose can see."""

from __future__ import annotations

from collections import Counter

from haechi.detect.prepare import Shared
from haechi.detect.queries import query
from haechi.model.values import Explained
from haechi.store.interface import Engine


def explained_share(engine: Engine, shared: Shared) -> Explained:
    """Count answered accesses by staff and services to other people's data, and the reasons they have."""
    sql = query("explained_share")
    shared.provide(sql)
    staff, services = Counter[str](), Counter[str]()
    unknown = 0
    for service, kind, judged, accesses in engine.rows(sql):
        (services if service else staff)[kind or ""] += accesses
        if not (service or kind or judged):
            unknown += accesses
    return Explained(
        staff_accesses=staff.total(),
        explained=staff.total() - staff[""],
        by_kind={kind: staff[kind] for kind in sorted(staff) if kind},
        unknown=unknown,
        service_accesses=services.total(),
        services_explained=services.total() - services[""],
    )
