"""Databases of MaxMind's own tests: three good, twenty-one malformed. Data: maxmind/MaxMind-DB, Apache-2.0."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from haechi.detect.network_file import Holds, NetworkFile
from haechi.model.errors import InputError

DATA = Path(os.environ.get("HAECHI_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "maxmind"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the MaxMind test databases are not here")
MALFORMED = sorted(DATA.glob("bad-data/*/*.mmdb"))


def test_none_is_forgotten() -> None:
    assert len(MALFORMED) == 21


@pytest.mark.parametrize("holds", ["country", "owner", "anonymous"])
@pytest.mark.parametrize("path", MALFORMED, ids=[path.stem for path in MALFORMED])
def test_a_malformed_file_is_refused_in_words(path: Path, holds: Holds) -> None:
    began = time.monotonic()
    with pytest.raises(InputError) as refused:
        NetworkFile(path, holds)
    assert refused.value.where == str(path)
    assert refused.value.todo
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("name", "holds", "address", "facts"),
    [
        ("GeoLite2-Country-Test", "country", "81.2.69.142", {"country": "GB"}),
        ("GeoLite2-Country-Test", "country", "2001:290::1", {"country": "KR"}),
        ("GeoLite2-Country-Test", "country", "192.0.2.1", {}),
        ("GeoLite2-Country-Test", "country", "no address", {}),
        ("GeoLite2-ASN-Test", "owner", "57.1.2.3", {"owner": "SITA", "asn": 2647}),
        ("GeoLite2-ASN-Test", "owner", "12.81.96.1", {"asn": 7018}),
        ("GeoIP2-Anonymous-IP-Test", "anonymous", "81.2.69.160", {"kind": "tor"}),
    ],
)
def test_a_good_file_tells(name: str, holds: Holds, address: str, facts: dict[str, object]) -> None:
    with NetworkFile(DATA / f"{name}.mmdb", holds) as file:
        assert file.facts(address) == facts


@pytest.mark.parametrize("name", ["GeoLite2-ASN-Test", "GeoIP2-Anonymous-IP-Test"])
def test_a_good_file_in_the_wrong_place_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="tells no countries"):
        NetworkFile(DATA / f"{name}.mmdb", "country")


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    whole = (DATA / "GeoLite2-Country-Test.mmdb").read_bytes()
    cut = tmp_path / "cut.mmdb"
    for share in (0.0, 0.1, 0.5, 0.9, 0.99):
        cut.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InputError):
            NetworkFile(cut, "country")
