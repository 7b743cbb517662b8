"""Look at the head of a stream and still read it from the start, pipes included."""

from __future__ import annotations

from haechi.collect.opening import Stream
from haechi.model.errors import InputError


class PeekedStream:
    """A stream whose first bytes are kept, so that going back to them needs no second reading."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream = stream
        self._kept = _read_full(stream, size)
        self._at = 0  # where the reader stands
        self._under = len(self._kept)  # where the stream below stands
        self.whole = len(self._kept) < size

    @property
    def head(self) -> bytes:
        return self._kept

    @property
    def growing(self) -> bool:
        return self._stream.growing

    @property
    def once(self) -> bool:
        return self._stream.once

    @property
    def problem(self) -> str:
        return self._stream.problem

    def read(self, size: int) -> bytes:
        if self._at < len(self._kept):
            data = self._kept[self._at : self._at + size]
        else:
            self._catch_up()
            data = self._stream.read(size)
            self._under += len(data)
        self._at += len(data)
        return data

    def read_full(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end."""
        return _read_full(self, size)

    def seek(self, offset: int) -> bool:
        if offset <= len(self._kept):
            self._at = offset
            return True
        found = self._stream.seek(offset)
        self._at = self._under = offset
        return found

    def close(self) -> None:
        self._stream.close()

    def _catch_up(self) -> None:
        if self._under != self._at:
            if not self._stream.seek(self._at):
                raise InputError("the file became shorter while it was read")
            self._under = self._at


def _read_full(stream: Stream | PeekedStream, size: int) -> bytes:
    parts: list[bytes] = []
    have = 0
    while have < size and (data := stream.read(size - have)):
        parts.append(data)
        have += len(data)
    return parts[0] if len(parts) == 1 else b"".join(parts)
