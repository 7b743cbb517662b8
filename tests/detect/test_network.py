"""The table of networks, and that no rule finds anything by a country alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from haechi.detect import prepare
from haechi.detect.fixture import Scene, open_scene, read_fixture
from haechi.detect.network import NETWORK, look_up, provide_network
from haechi.detect.network_file import read_record
from haechi.detect.rule import BUILT_IN
from haechi.detect.runner import run_rules
from haechi.model.errors import InputError
from haechi.model.settings import NetworkSettings, Settings
from haechi.store.interface import Engine
from haechi.workspace.load import load

from .worlds import accesses, engine_of

DATA = Path(os.environ.get("HAECHI_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "maxmind"
RULE = """/* ---
id = "by-owner"
title = "By owner"
tier = "behaviour"
severity = "low"
means = "Made for a test."
normal = "Nothing."
needs = ["network"]
sentence = "{kind} {entity}"
--- */
SELECT a.source, a.seq, 'client_ip' AS entity_kind, a.client_ip AS entity, n.owner AS evidence_owner
FROM access AS a JOIN network AS n USING (client_ip) WHERE n.owner = 'SITA'
"""


@pytest.mark.skipif(not DATA.is_dir(), reason="the MaxMind test databases are not here")
def test_a_rule_reads_who_owns_a_network(tmp_path: Path) -> None:
    (tmp_path / "by-owner.sql").write_text(RULE)
    network = NetworkSettings(
        country=str(DATA / "GeoLite2-Country-Test.mmdb"), owner=str(DATA / "GeoLite2-ASN-Test.mmdb")
    )
    engine = engine_of(accesses(3, client_ip="57.0.0.{n}"), accesses(1, client_ip="192.0.2.1"), accesses(1))
    detection = run_rules(engine, Settings(network=network), tmp_path, ["by-owner"])
    assert [finding.evidence["owner"] for finding in detection.findings] == ["SITA"] * 3
    # Without a file the rule does not run, and says why.
    (run,) = run_rules(engine, Settings(), tmp_path, ["by-owner"]).runs
    assert (run.ran, run.reason) == (False, prepare.EMPTY["network"])


@pytest.mark.skipif(not DATA.is_dir(), reason="the MaxMind test databases are not here")
def test_each_address_is_one_row(tmp_path: Path) -> None:
    settings = NetworkSettings(country=str(DATA / "GeoLite2-Country-Test.mmdb"))
    rows = look_up(["81.2.69.142", "2001:290::1", "10.0.0.1", "?"], settings).to_pylist()
    assert [row["country"] for row in rows] == ["GB", "KR", None, None]


def test_without_files_the_table_is_empty() -> None:
    engine = engine_of(accesses(1, client_ip="192.0.2.1"))
    provide_network(engine, NetworkSettings())
    assert engine.rows("SELECT * FROM network") == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text('[network]\ncountry = "no.mmdb"\n')
    settings = load(tmp_path).settings
    assert settings.network.country == str(tmp_path / "no.mmdb")
    with pytest.raises(InputError) as refused:
        look_up(["192.0.2.1"], settings.network)
    assert refused.value.where == str(tmp_path / "no.mmdb")


@pytest.mark.parametrize(
    ("holds", "record", "facts"),
    [
        ("country", {"country": {"iso_code": "KR"}}, {"country": "KR"}),
        ("country", {"registered_country": {"iso_code": "KR"}}, {"country": "KR"}),
        ("country", {"country": "KR"}, {"country": "KR"}),
        ("country", {"country_code": "KR"}, {"country": "KR"}),
        ("country", {"country": {"geoname_id": 1}}, {}),
        ("owner", {"asn": "AS64500", "as_name": "Example"}, {"asn": 64500, "owner": "Example"}),
        ("owner", {"asn": "none"}, {}),
        ("anonymous", {"is_hosting_provider": True, "is_anonymous_vpn": True}, {"kind": "vpn"}),
        ("anonymous", {"traits": {"is_tor_exit_node": True}}, {"kind": "tor"}),
        ("anonymous", {"is_hosting_provider": False}, {}),
        ("country", None, {}),
        ("owner", [1], {}),
    ],
)
def test_records_as_their_makers_write_them(holds: str, record: object, facts: dict[str, object]) -> None:
    assert read_record(record, holds) == facts  # type: ignore[arg-type]


SCENES = [
    (fixture.stem, scene)
    for fixture in sorted((BUILT_IN / "fixtures").glob("*.toml"))
    for scene in read_fixture(fixture)
]


def _abroad(engine: Engine, settings: NetworkSettings) -> None:
    """Every address in a country of its own, and nothing else known."""
    rows = engine.rows("SELECT DISTINCT client_ip FROM access WHERE client_ip IS NOT NULL ORDER BY 1")
    countries = [f"{chr(65 + n // 26 % 26)}{chr(65 + n % 26)}" for n in range(len(rows))]
    table = {"client_ip": [row[0] for row in rows], "country": countries}
    nulls = {name: pa.nulls(len(rows), NETWORK.field(name).type) for name in ("owner", "asn", "kind")}
    engine.register("network", pa.table({**table, **nulls}, schema=NETWORK))


@pytest.mark.parametrize(("rule", "scene"), SCENES, ids=[f"{rule}: {scene.name}" for rule, scene in SCENES])
def test_countries_alone_add_no_finding(rule: str, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all rules: the same records with every address in another country give no finding more."""
    engine, _ = open_scene(scene)
    without = _found(engine, scene, rule)
    monkeypatch.setattr(prepare, "provide_network", _abroad)
    assert _found(engine, scene, rule) <= without
    engine.close()


def _found(engine: Engine, scene: Scene, rule: str) -> set[tuple[str, str]]:
    findings = run_rules(engine, scene.settings, only=[rule]).findings
    return {(finding.entity_kind, finding.entity) for finding in findings}


def test_one_honest_traveller_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member who opens the same few pages from a country in which nobody was before."""
    honest: Sequence[list[dict[str, object]]] = [
        accesses(
            6,
            step=timedelta(minutes=2),
            actor=f"m{n}",
            actor_kind="member",
            subject=f"m{n}",
            fields="name",
            client_ip=f"198.51.100.{n}",
            client="Browser",
            route="/me",
            status=200,
        )
        for n in range(1, 30)
    ]
    traveller = accesses(6, actor="m1", actor_kind="member", subject="m1", fields="name", client_ip="203.0.113.77",
                         client="Browser", route="/me", status=200)  # fmt: skip
    engine = engine_of(*honest, traveller)
    monkeypatch.setattr(prepare, "provide_network", _abroad)
    assert run_rules(engine, Settings()).findings == []
    engine.close()
