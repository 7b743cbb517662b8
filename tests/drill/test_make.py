"""Making a world: the same seed gives the same bytes, and bad arguments give a sentence."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from haechi.drill.make import make
from haechi.drill.world.pages import PAGES
from haechi.model.errors import HaechiError
from haechi.workspace.load import load

TINY = 0.00005


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes_and_another_seed_another_world(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        make("coupang-2025", tmp_path / name, scale=TINY, seed=seed)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    a, c = digests(tmp_path / "a"), digests(tmp_path / "c")
    assert {name for name in a if a[name] == c.get(name)} == {"inspect/haechi.toml"}


def test_honest_is_honest_requests_for_each_bad_one(tmp_path: Path) -> None:
    few = make("coupang-2025", tmp_path / "few", scale=TINY, seed=1, honest=1).records["access"]
    many = make("coupang-2025", tmp_path / "many", scale=TINY, seed=1, honest=3).records["access"]
    assert many / few == pytest.approx(2, rel=0.1)


def test_settings_load_without_a_problem(tmp_path: Path) -> None:
    made = make("coupang-2025", tmp_path, scale=TINY)
    settings = load(made.inspect, frozenset()).settings
    assert {(route.method, route.path) for route in settings.routes} == {
        (p.method, p.template) for p in PAGES if p.log == "gateway"
    }
    names = [source.name for source in settings.sources]
    assert names == ["gateway", "issuance", "personnel", "members", "tickets", "orders", "shifts"]
    backup = settings.issuers[0].keys[-1]
    assert (backup.kid, backup.not_after, backup.readers[0]) == ("backup-login-2019", None, "E2001")


@pytest.mark.parametrize(
    "arguments", [{"scale": 0}, {"scale": 1e-6}, {"scale": 1.5}, {"honest": -1}, {"seed": -1}]
)
def test_bad_arguments_are_refused_before_anything_is_written(
    tmp_path: Path, arguments: dict[str, float]
) -> None:
    with pytest.raises(HaechiError):
        make("coupang-2025", tmp_path / "out", **arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_unknown_drill_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(HaechiError) as caught:
        make("atlantis-2031", tmp_path)
    assert "coupang-2025" in caught.value.diagnostics()


def test_a_world_is_never_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    with pytest.raises(HaechiError, match="already holds a drill"):
        make("coupang-2025", tmp_path, scale=TINY)
