"""Verbs that work on a workspace: collect, case, scope, coverage, init."""

from __future__ import annotations

import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from haechi.workspace.load import load

Haechi = Callable[..., Any]


def test_without_a_workspace_the_way_to_one_is_told(haechi: Haechi) -> None:
    for verb in (["collect"], ["case", "list"], ["case", "show", "C-1"], ["scope", "C-1"], ["coverage"]):
        said = haechi(*verb)
        assert (said.code, said.out) == (2, ""), verb
        assert "haechi init" in said.err


def test_collect_reads_once(haechi: Haechi, drilled: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(drilled, copy, ignore=shutil.ignore_patterns("store", "haechi.key*"))
    first = haechi("collect", "--workspace", copy, "--json")
    again = haechi("collect", "--workspace", copy, "--json")
    assert (first.code, again.code) == (0, 0)
    assert first.document["lines"] > 1000
    assert first.document["lines"] == first.document["stored"] + first.document["set_aside"]
    assert again.document["lines"] == 0


def test_collect_says_what_it_could_not_read(haechi: Haechi, drilled: Path) -> None:
    assert haechi("collect", "missing.log", "--workspace", drilled).code == 3


def test_cases_are_listed_and_shown(haechi: Haechi, drilled: Path) -> None:
    listed = haechi("case", "list", "--workspace", drilled, "--json")
    assert listed.code == 1
    (case,) = listed.document["cases"]
    assert case["id"] in haechi("case", "list", "--workspace", drilled).out
    shown = haechi("case", "show", case["id"].lower(), "--workspace", drilled, "--json")
    assert (shown.code, shown.document) == (1, case)
    assert haechi("case", "show", case["id"], "--workspace", drilled).out.startswith(f"Case {case['id']}")


def test_an_unknown_case_is_wrong_use(haechi: Haechi, drilled: Path) -> None:
    said = haechi("case", "show", "C-none", "--workspace", drilled)
    assert (said.code, said.out) == (2, "")
    assert "There are: C-" in said.err


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_scope_writes_one_row_a_person(haechi: Haechi, drilled: Path, tmp_path: Path, suffix: str) -> None:
    case = haechi("case", "list", "--workspace", drilled, "--json").document["cases"][0]
    file = tmp_path / f"people.{suffix}"
    said = haechi("scope", case["id"], "--out", file, "--workspace", drilled, "--json")
    assert said.code == 0
    rows = pq.read_table(file) if suffix == "parquet" else pc.read_csv(file)
    assert len(rows) == said.document["rows"] == case["scope"]["persons"]
    assert len(set(rows["person"].to_pylist())) == len(rows)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert said.document["scope"] == case["scope"]


def test_scope_counts_in_words_without_a_file(haechi: Haechi, drilled: Path) -> None:
    case = haechi("case", "list", "--workspace", drilled, "--json").document["cases"][0]
    said = haechi("scope", case["id"], "--workspace", drilled)
    assert said.code == 0
    assert re.search(rf"Persons +{case['scope']['persons']:,} ", said.out)


def test_people_are_written_to_known_kinds_of_file_only(haechi: Haechi, drilled: Path) -> None:
    said = haechi("scope", "C-1", "--out", "people.xlsx", "--workspace", drilled)
    assert (said.code, said.out) == (2, "")
    assert ".parquet or .csv" in said.err


def test_coverage_lists_sources_and_holes(haechi: Haechi, drilled: Path) -> None:
    said = haechi("coverage", "--workspace", drilled, "--json")
    assert said.code == (1 if said.document["holes"] else 0)
    sources = {source["source"]: source for source in said.document["sources"]}
    assert {"gateway", "issuance", "members", "personnel"} <= set(sources)
    assert sources["gateway"]["records"] > 1000
    text = haechi("coverage", "--workspace", drilled).out
    assert "What the store holds" in text and "gateway" in text


def test_coverage_of_an_empty_store(haechi: Haechi, tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text("")
    said = haechi("coverage")
    assert said.code == 3
    assert said.out.startswith("Nothing was collected yet.")


def test_collecting_nothing_is_no_success(haechi: Haechi, tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text("")
    said = haechi("collect")
    assert said.code == 3
    assert said.err.startswith("Nothing was read")
    assert haechi("case", "list").code == 3


def test_people_are_not_written_to_a_folder_that_is_not_there(haechi: Haechi, drilled: Path) -> None:
    said = haechi("scope", "C-1", "--out", "nodir/people.csv", "--workspace", drilled)
    assert (said.code, said.out) == (2, "")
    assert "nodir" in said.err


def test_init_of_an_empty_folder_warns(haechi: Haechi) -> None:
    said = haechi("init")
    assert said.code == 0
    assert said.err.startswith("No log was found")


def test_bad_settings_name_the_key_and_the_line(haechi: Haechi, tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text('[workspace]\nname = "x"\ntimezome = "UTC"\n')
    said = haechi("collect")
    assert said.code == 2
    assert "line 3" in said.err and "timezome" in said.err
    assert "error" in haechi("collect", "--json").document


def test_init_writes_a_workspace_that_can_be_inspected(
    haechi: Haechi, access_log: Path, tmp_path: Path
) -> None:
    for month in ("01", "02"):
        (tmp_path / f"shop-2025-{month}.log").write_text(access_log.read_text().replace("/page", f"/{month}"))
    said = haechi("init", "--timezone", "Asia/Seoul", "--json")
    assert said.code == 0
    settings = load(tmp_path).settings
    assert settings.workspace.timezone == "Asia/Seoul"
    assert {source.name: source.paths for source in settings.sources} == {
        "access": ["access.log"],
        "shop": ["shop*"],
    }
    assert haechi("inspect", "--json").document["read"]["stored"] == 120


def test_init_marks_pages_that_look_personal(haechi: Haechi, tmp_path: Path) -> None:
    line = '192.0.2.7 - - [05/Mar/2025:10:00:00 +0000] "GET /members/{}/addresses HTTP/1.1" 200 512 "-" "x"\n'
    (tmp_path / "access.log").write_text("".join(line.format(1000 + n) for n in range(60)))
    said = haechi("init")
    assert said.code == 0
    assert "/members/" in said.out
    assert [route.fields for route in load(tmp_path).settings.routes if "members" in route.path]


def test_init_never_replaces_a_file(haechi: Haechi, tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text("# mine\n")
    said = haechi("init")
    assert said.code == 2
    assert "left as it is" in said.err
    assert (tmp_path / "haechi.toml").read_text() == "# mine\n"


def test_init_tells_what_it_did_not_look_at(haechi: Haechi, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("nothing to see\n" * 30)
    said = haechi("init")
    assert said.code == 0
    out = "".join(said.out.split())  # a long path moves the ends of lines
    assert "notlookedat" in out and "notes" in out
    assert not list(tmp_path.glob(".haechi.toml*"))


def test_init_knows_its_time_zones(haechi: Haechi) -> None:
    assert haechi("init", "--timezone", "Mars/Olympus").code == 2
