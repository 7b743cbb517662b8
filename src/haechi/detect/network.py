"""The table `network(client_ip, country, owner, asn, kind)`: what files that the user names tell of addresses.

Each different address is looked up once. `kind` is hosting, vpn, proxy or tor, where a file tells. Where nothing is
known a column is NULL; without any file the table is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from haechi.detect.network_file import Facts, Holds, NetworkFile
from haechi.model.settings import NetworkSettings
from haechi.store.interface import Engine

NETWORK = pa.schema(
    [
        ("client_ip", pa.string()),
        ("country", pa.string()),  # ISO 3166-1, two letters
        ("owner", pa.string()),
        ("asn", pa.int64()),
        ("kind", pa.string()),
    ]
)
_FILES: tuple[Holds, ...] = ("country", "owner", "anonymous")


def named(settings: NetworkSettings) -> bool:
    """Whether haechi.toml names any file."""
    return any(getattr(settings, name) for name in _FILES)


def check_files(settings: NetworkSettings) -> None:
    """Open and try the files that haechi.toml names.

    Raises:
        InputError: a file is missing or damaged, or does not tell what it is named for.
    """
    look_up((), settings)


def look_up(addresses: Sequence[str], settings: NetworkSettings) -> pa.Table:
    """What the files tell of these addresses, a row each (schema `NETWORK`).

    Raises:
        InputError: a file is missing or damaged.
    """
    facts: list[Facts] = [{"client_ip": address} for address in addresses]
    with ExitStack() as opened:
        files = [
            opened.enter_context(NetworkFile(Path(path), name))
            for name in _FILES
            if (path := getattr(settings, name))
        ]
        for row in facts:
            for file in files:
                row.update(file.facts(row["client_ip"]))
    return pa.Table.from_pylist(facts, NETWORK)


def provide_network(engine: Engine, settings: NetworkSettings) -> None:
    """Make the table `network` of all addresses in the access records.

    Raises:
        InputError: a file is missing or damaged.
    """
    addresses: list[str] = []
    if named(settings):
        rows = engine.rows(
            "SELECT DISTINCT client_ip FROM access WHERE client_ip IS NOT NULL ORDER BY client_ip"
        )
        addresses = [row[0] for row in rows]
    engine.register("network", look_up(addresses, settings))
