"""Programs that look at reports as people do: a browser, axe-core in it. Skipped visibly where one is missing."""

from __future__ import annotations

import fcntl
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "axe"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RESULT = re.compile(r'<pre id="axe-result">(.*?)</pre>', re.S)


def need(*names: str, install: str) -> str:
    """The path of the first of these programs that is there; without one the test is skipped, or fails in CI."""
    for name in names:
        if found := shutil.which(name):
            return found
    missing(f"{names[0]} is not installed: {install}")
    raise AssertionError


def missing(what: str) -> None:
    """Skip the test and say what is missing; in CI nothing may be."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def chromium() -> str:
    return need("chromium", "chromium-browser", "google-chrome", install="apt-get install chromium")


def browse(page: Path, folder: Path, width: int, *arguments: str) -> bytes:
    """Open a page in a browser of its own and return what it writes."""
    command = [
        chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900", *arguments, page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=180, check=True)
    return done.stdout


def axe() -> str:
    """The text of axe-core, locked by package-lock.json and got once."""
    with (HERE / "package-lock.json").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        script = HERE / "node_modules" / "axe-core" / "axe.min.js"
        if not script.is_file():
            npm = need("npm", install="apt-get install npm")
            command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
            done = subprocess.run(command, cwd=HERE, capture_output=True, timeout=300, text=True)
            if done.returncode:
                missing(f"axe-core cannot be got: {done.stderr[-200:]}")
    return script.read_text(encoding="utf-8")


def violations(page: str, folder: Path, width: int) -> list[Any]:
    """What axe has to say against a page, by the rules of WCAG 2.2 AA."""
    run = (
        f"axe.run(document, {{runOnly: {{type: 'tag', values: {json.dumps(RULES)}}}}}).then(r => {{"
        "const p = document.createElement('pre'); p.id = 'axe-result';"
        "p.textContent = JSON.stringify({checked: r.passes.length, wrong: r.violations.map(v => "
        "[v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 200))])}); document.body.appendChild(p); });"
    )
    # The page's own policy lets no script run, ours neither.
    opened = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    file = folder / f"axe-{width}.html"
    file.write_text(
        opened.replace("</body>", f"<script>{axe()}</script><script>{run}</script></body>"), encoding="utf-8"
    )
    told = browse(file, folder, width, "--virtual-time-budget=60000", "--dump-dom").decode()
    found = _RESULT.search(told)
    assert found, "axe did not finish"
    result = json.loads(html.unescape(found[1]))
    assert result["checked"] > 20
    return list(result["wrong"])
