"""A public web site's log, written by others, must not be taken for personal pages."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from haechi.collect.routes.propose import propose_routes

DATA = Path(os.environ.get("HAECHI_TEST_DATA") or Path(__file__).parents[2] / ".." / "shared" / "data")
LOG = DATA / "apache" / "apache_logs"


@pytest.mark.skipif(not LOG.exists(), reason=f"no {LOG.name}: set HAECHI_TEST_DATA")
def test_a_blog_has_no_personal_page() -> None:
    lines = LOG.read_text(encoding="utf-8", errors="replace").splitlines()
    requests = [match for line in lines if (match := re.search(r'"([A-Z]+) (\S+) HTTP', line))]
    assert len(requests) > 9_900
    proposals = propose_routes([(match[1], match[2]) for match in requests])
    assert proposals and [p.route for p in proposals if p.route.fields] == []
