"""A plain Python loop over a combined log, as one writes it in an afternoon: requests and persons by address.

    python -m benchmarks.peers.loop FILE

Keeps nothing, proves nothing, and knows one page. Writes the addresses that saw more than a hundred people as JSON.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

LINE = re.compile(r'(\S+) \S+ (\S+) \[([^]]+)\] "(\S+) (\S+) [^"]*" (\d{3}) (\S+) "[^"]*" "[^"]*"')
PERSON = re.compile(r"/members/(\d+)")
MANY = 100


def main() -> None:
    requests: Counter[str] = Counter()
    persons: defaultdict[str, set[str]] = defaultdict(set)
    first: dict[str, datetime] = {}
    with Path(sys.argv[1]).open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found = LINE.match(line)
            if not found:
                continue
            address, _, time, _, path, _, _ = found.groups()
            requests[address] += 1
            person = PERSON.match(path)
            if person:
                persons[address].add(person[1])
                first.setdefault(address, datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z"))
    many = {address: len(seen) for address, seen in persons.items() if len(seen) > MANY}
    json.dump({"lines": sum(requests.values()), "addresses": len(requests), "many": many}, sys.stdout)


if __name__ == "__main__":
    main()
