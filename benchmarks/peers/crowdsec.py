"""CrowdSec as Debian packages it, over one file, offline: the stock nginx parser and the hub's stock HTTP scenarios.

Its central service is left out of the configuration (`online_client`), its own local API takes the alerts, and they
are read from that API's database. The scenario for path traversal names a list of the hub under another name than the
package gives it; without that list CrowdSec writes an error for each line, so the name is put right.
"""

from __future__ import annotations

import re
import shutil
import socket
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from benchmarks.suite.spawn import Used, spawn

COLLECTIONS = ("nginx", "base-http-scenarios", "http-cve")
PARSERS = (
    "s00-raw/crowdsecurity/syslog-logs",
    "s01-parse/crowdsecurity/nginx-logs",
    "s02-enrich/crowdsecurity/http-logs",
    "s02-enrich/crowdsecurity/dateparse-enrich",
)
RENAMED = {"http_path_traversal.txt": "path_traversal.txt"}
CONFIG = """
common: {{daemonize: false, log_media: stdout, log_level: info, working_dir: .}}
config_paths:
  config_dir: {at}/config/
  data_dir: {at}/data/
  simulation_path: {at}/simulation.yaml
  hub_dir: {at}/hub/
  index_path: {at}/hub/.index.json
  notification_dir: {at}/notifications/
  plugin_dir: {at}/plugins/
crowdsec_service: {{acquisition_path: {at}/acquis.yaml, parser_routines: 1}}
cscli: {{output: human}}
db_config: {{type: sqlite, db_path: {at}/data/crowdsec.db, use_wal: true}}
api:
  client: {{insecure_skip_verify: false, credentials_path: {at}/credentials.yaml}}
  server:
    log_level: warning
    listen_uri: 127.0.0.1:{port}
    profiles_path: {at}/profiles.yaml
    console_path: {at}/console.yaml
prometheus: {{enabled: false}}
"""


@dataclass(frozen=True)
class Alert:
    scenario: str
    address: str


def prepare(root: Path, at: Path) -> None:
    """Lay out a fresh configuration in `at` over what was unpacked in `root`: parsers and scenarios linked."""
    shipped = root / "usr/share/crowdsec"
    shutil.rmtree(at, ignore_errors=True)
    shutil.copytree(shipped / "hub", at / "hub")
    shutil.copytree(shipped / "data", at / "data")
    shutil.copytree(root / "etc/crowdsec/patterns", at / "config/patterns")
    for wanted, name in RENAMED.items():
        if not (at / "data" / wanted).exists():
            (at / "data" / wanted).symlink_to(name)
    for parser in PARSERS:
        _link(at / "hub/parsers" / f"{parser}.yaml", at / "config/parsers" / Path(parser).parts[0])
    for scenario in _scenarios(at / "hub"):
        _link(scenario, at / "config/scenarios")
    for folder in ("postoverflows", "collections"):
        (at / "config" / folder).mkdir()
    for name in ("profiles.yaml", "simulation.yaml"):
        shutil.copy(root / "etc/crowdsec" / name, at / name)
    (at / "acquis.yaml").write_text("")
    (at / "console.yaml").write_text(
        "share_manual_decisions: false\nshare_custom: false\nshare_tainted: false\n"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (at / "config.yaml").write_text(CONFIG.format(at=at, port=port))


def run(root: Path, at: Path, log: Path) -> tuple[Used, list[Alert]]:
    """Replay a file ("time machine"), and the alerts that came of it. `prepare` comes before."""
    config, own = ["-c", str(at / "config.yaml")], {"LD_LIBRARY_PATH": str(root / "usr/lib/x86_64-linux-gnu")}
    add = ["machines", "add", "bench", "--password", "bench", "--force"]
    spawn([str(root / "usr/bin/cscli"), *config, *add], environment=own)
    replay = ["-dsn", f"file://{log}", "-type", "nginx", "-no-capi"]
    used = spawn([str(root / "usr/bin/crowdsec"), *config, *replay], environment=own)
    with sqlite3.connect(at / "data/crowdsec.db") as database:
        rows = database.execute("SELECT DISTINCT scenario, source_ip FROM alerts ORDER BY 1, 2").fetchall()
    return used, [Alert(scenario, address) for scenario, address in rows if address]


def _scenarios(hub: Path) -> list[Path]:
    """What the stock collections for nginx name."""
    named: list[str] = []
    for collection in COLLECTIONS:
        text = (hub / f"collections/crowdsecurity/{collection}.yaml").read_text()
        named += re.findall(r"^\s+- (\S+/\S+)$", text, re.M)
    files = (hub / "scenarios" / f"{name}.yaml" for name in named)
    return sorted({file for file in files if file.is_file()})


def _link(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file.name).symlink_to(file)
