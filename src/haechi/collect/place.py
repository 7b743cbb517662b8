"""Where a block stands: in its file, in its source, in the store. And the header that says so for good."""

from __future__ import annotations

import time
from dataclasses import dataclass

from haechi.collect.block import Block, Done, Plan
from haechi.collect.interface import Framed
from haechi.collect.resume import PRINT_BYTES, Start
from haechi.store.header import BatchHeader, FileSpan


@dataclass
class Place:
    """The place of the next block of a file."""

    path: str
    begin: int
    line: int  # from 1
    seq: int
    number: int

    def take(self, data: bytes, framed: Framed) -> Block:
        """The block at this place; the place moves behind it."""
        block = Block(self.number, self.path, data, framed, self.begin, self.line, self.seq)
        self.begin += len(data)
        self.line += framed.lines[len(framed.text)].as_py()
        self.seq += len(framed.text)
        self.number += 1
        return block


def header_of(plan: Plan, start: Start, done: Done, problem: str = "") -> BatchHeader:
    """The header of a prepared batch. `problem`: why the file could not be read beyond it."""
    block, prepared = done.block, done.prepared
    tail = block.data[-PRINT_BYTES:]
    return BatchHeader(
        number=prepared.number,
        table=plan.table,
        source=plan.source.name,
        format="+".join(done.formats),
        file=FileSpan(
            stream=start.stream,
            path=block.path,
            begin=block.begin,
            end=block.begin + len(block.data),
            head_bytes=start.known.file.head_bytes if start.known else len(start.head),
            head_mac=start.known.file.head_mac if start.known else plan.keys.mac(start.head),
            tail_bytes=len(tail),
            tail_mac=plan.keys.mac(tail),
        ),
        line_from=block.line_from,
        line_count=block.framed.lines[len(block.framed.text)].as_py(),
        seq_from=block.seq_from,
        seq_to=block.seq_from + len(block.framed.text) - 1,
        rows=prepared.rows,
        set_aside=prepared.set_aside,
        first=prepared.first,
        last=prepared.last,
        bytes_sent=prepared.bytes_sent,
        raw_bytes=prepared.raw_bytes,
        raw_mac=prepared.raw_mac,
        root=prepared.root,
        period=prepared.period,
        files=prepared.hashes,
        collected=int(time.time() * 1e6),
        problem=problem,
    )
