"""Read a stream in blocks that end where a unit ends."""

from __future__ import annotations

from collections.abc import Iterator

from haechi.collect.interface import Framed, Framing
from haechi.collect.peek import PeekedStream

BLOCK_BYTES = 32 << 20
LONGEST_UNIT = 256 << 20  # more without an end is cut there, so that memory stays flat


class BlockReader:
    """Blocks of whole units.

    An unfinished last unit is left for a later run where more may come: with `hold_back`, and behind the point
    from which a damaged archive cannot be unpacked.
    """

    def __init__(
        self, stream: PeekedStream, framing: Framing, hold_back: bool, most: int = BLOCK_BYTES
    ) -> None:
        """`most`: bytes of a block, about."""
        self._stream, self._framing, self._hold_back, self._most = stream, framing, hold_back, most
        self.unfinished = 0  # bytes left behind at the end

    @property
    def problem(self) -> str:
        """Why the stream ended early, once it has ended."""
        return self._stream.problem

    def blocks(self, begin: int) -> Iterator[tuple[bytes, Framed]]:
        """The units from this offset on. The bytes of a block are exactly its units' bytes."""
        self._stream.seek(begin)
        rest, wanted = b"", self._most
        while True:
            fresh = self._stream.read_full(wanted)
            ended = len(fresh) < wanted
            data = rest + fresh if rest else fresh
            if not data:
                return
            waits = self._hold_back or bool(self._stream.problem)
            final = (ended and not waits) or len(data) >= LONGEST_UNIT
            framed = self._framing(data, final)
            rest = data[framed.consumed :]
            if framed.consumed:
                yield (data if not rest else data[: framed.consumed]), framed
            if ended:
                self.unfinished = len(rest)
                return
            wanted = max(self._most - len(rest), self._most // 2)
