"""Files in MaxMind's format: which country an address is in, who owns its network, whether it hides somebody.

Format: https://maxmind.github.io/MaxMind-DB/ (2.0). A file comes from outside, so it is tried before it is used:
its search tree is walked, each node once, and a sample of its records is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any, Literal

import maxminddb
from maxminddb import InvalidDatabaseError

from haechi.model.errors import InputError

Holds = Literal["country", "owner", "anonymous"]
Facts = dict[str, Any]  # of one address: country, owner, asn, kind

_MEANS = {"country": "countries", "owner": "network owners", "anonymous": "hosting, VPN or proxy networks"}
# What kind of network hides who is behind it; the most telling first.
_KINDS = (
    ("is_tor_exit_node", "tor"),
    ("is_anonymous_vpn", "vpn"),
    ("is_public_proxy", "proxy"),
    ("is_residential_proxy", "proxy"),
    ("is_hosting_provider", "hosting"),
)
_NODES_TRIED, _RECORDS_TRIED = 200_000, 2_000
_LATEST = 1 << 33  # a build time in seconds: the year 2242
# What the reader and the decoder raise over bytes that are no database.
_BROKEN = (InvalidDatabaseError, ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError,
           RecursionError, AttributeError, OSError, EOFError)  # fmt: skip


class NetworkFile:
    """One file, open. Use it as a context manager."""

    def __init__(self, path: Path, holds: Holds) -> None:
        """Open and try the file.

        Raises:
            InputError: there is no such file, it is damaged, or it does not tell what it is to tell.
        """
        self.path, self.holds = path, holds
        if not path.is_file():
            raise InputError(f"There is no file of {_MEANS[holds]}.", where=str(path), todo=_todo(holds))
        try:
            self._reader = maxminddb.open_database(path)
        except _BROKEN:
            raise self._damaged() from None
        try:
            self._try()
        except _BROKEN:
            self._reader.close()
            raise self._damaged() from None
        except InputError:
            self._reader.close()
            raise

    def __enter__(self) -> NetworkFile:
        return self

    def __exit__(self, *raised: object) -> None:
        self._reader.close()

    def facts(self, address: str) -> Facts:
        """What the file tells of an address: `country`, or `owner` and `asn`, or `kind`; empty for what it does not
        hold, and for text that is no address.

        Raises:
            InputError: the record is damaged.
        """
        try:
            record = self._reader.get(address)
        except InvalidDatabaseError:
            raise self._damaged() from None
        except ValueError:  # no address, or an IPv6 address in a file of IPv4
            return {}
        return read_record(record, self.holds)

    def _try(self) -> None:
        metadata = self._reader.metadata()
        bits = {4: 32, 6: 128}.get(metadata.ip_version)
        size = self.path.stat().st_size
        if bits is None or metadata.record_size not in (24, 28, 32) or not 0 < metadata.build_epoch < _LATEST:
            raise InvalidDatabaseError("metadata")
        if not 0 < metadata.node_count * metadata.record_size // 4 < size:
            raise InvalidDatabaseError("a tree larger than the file")
        told = 0
        for address in _addresses(self.path, metadata.node_count, metadata.record_size, bits):
            told += bool(read_record(self._reader.get(address), self.holds))
        if not told:
            raise InputError(
                f"The file tells no {_MEANS[self.holds]}.", where=str(self.path), todo=_todo(self.holds)
            )

    def _damaged(self) -> InputError:
        return InputError(
            f"The file of {_MEANS[self.holds]} is damaged, or not in MaxMind's format.",
            where=str(self.path),
            kept="nothing was read from it",
            todo="Fetch it again from where it came from.",
        )


def read_record(record: object, holds: Holds) -> Facts:
    """The facts in one record, whoever made the file: keys as MaxMind, IPinfo and DB-IP write them."""
    if not isinstance(record, dict):
        return {}
    if holds == "country":
        country = record.get("country") or record.get("registered_country") or record.get("country_code")
        code = country.get("iso_code") if isinstance(country, dict) else country
        return {"country": code} if isinstance(code, str) and code else {}
    if holds == "anonymous":
        within = record.get("traits")
        traits = within if isinstance(within, dict) else record
        kind = next((kind for flag, kind in _KINDS if traits.get(flag) is True), None)
        return {"kind": kind} if kind else {}
    number = record.get("autonomous_system_number") or record.get("asn")
    if isinstance(number, str):
        number = int(number[2:]) if number[:2].upper() == "AS" and number[2:].isdigit() else None
    owner = record.get("autonomous_system_organization") or record.get("as_name") or record.get("name")
    facts = {
        "asn": number if isinstance(number, int) else None,
        "owner": owner if isinstance(owner, str) else None,
    }
    return {key: value for key, value in facts.items() if value is not None}


def _addresses(path: Path, nodes: int, record_size: int, bits: int) -> Iterator[IPv4Address | IPv6Address]:
    """An address of each of the first networks that have a record. Every node is looked at once, so a tree that
    bites its own tail comes to an end.

    Raises:
        InvalidDatabaseError: a branch leads out of the file.
    """
    length = record_size // 4
    kind = IPv4Address if bits == 32 else IPv6Address
    with path.open("rb") as file:
        tree = file.read(min(nodes, _NODES_TRIED) * length)
    seen, found, stack = {0}, 0, [(0, 0, 0)]
    while stack and found < _RECORDS_TRIED:
        node, prefix, depth = stack.pop()
        if depth >= bits:
            raise InvalidDatabaseError("a tree deeper than an address")
        for side in (1, 0):
            branch = _branch(tree[node * length : (node + 1) * length], record_size, side)
            below = prefix | side << (bits - 1 - depth)
            if branch > nodes:
                found += 1
                yield kind(below)
            elif branch < min(nodes, _NODES_TRIED) and branch not in seen:
                seen.add(branch)
                stack.append((branch, below, depth + 1))


def _branch(node: bytes, record_size: int, side: int) -> int:
    if record_size == 28:
        high = node[3] >> 4 if side == 0 else node[3] & 0x0F
        low = node[:3] if side == 0 else node[4:]
        return high << 24 | int.from_bytes(low, "big")
    half = record_size // 8
    return int.from_bytes(node[:half] if side == 0 else node[half:], "big")


def _todo(holds: Holds) -> str:
    return f"Name another file in haechi.toml, [network] {holds}, or take the line out."
