"""The certificates inside an RFC 3161 answer: reading and replacing them, which no signature forbids.

Authorities that run OpenSSL send their chain in any order (OpenSSL writes that field as a sequence), while DER
sorts a set and the parser insists on it. And others send certificates that lead nowhere, in which a changed byte
could never be noticed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_SEQUENCE: Final = 0x30
_TAG_0: Final = 0xA0  # [0], constructed


@dataclass(frozen=True)
class _Element:
    """Where one element stands: its first byte, its content, its end."""

    tag: int
    first: int
    content: int
    end: int


def certificates(answer: bytes) -> list[bytes] | None:
    """The certificates in the token of a TimeStampResp (RFC 3161, 2.4.2), as they stand; None: it is none."""
    try:
        field = _path(answer)[-1]
        return [answer[item.first : item.end] for item in _children(answer, field)]
    except (IndexError, ValueError):
        return None


def with_certificates(answer: bytes, chosen: Iterable[bytes]) -> bytes:
    """The answer with these certificates, sorted, in place of its own. For one that `certificates` can read."""
    data, inner = b"".join(sorted(chosen)), None
    for outer in reversed(_path(answer)):
        if inner is not None:
            data = answer[outer.content : inner.first] + data + answer[inner.end : outer.end]
        data, inner = _encoded(outer.tag, data), outer
    return data


def signature_algorithm(answer: bytes) -> bytes:
    """The signature's algorithm, an AlgorithmIdentifier in DER, for an answer that `certificates` can read.

    The signature does not cover it, and a verifier that goes by the key alone passes over it.
    """
    signers = _children(answer, _children(answer, _path(answer)[3])[-1])
    fields = _children(answer, signers[0])
    found = next(field for before, field in pairwise(fields) if before.tag == _TAG_0)
    return answer[found.first : found.end]


def _path(answer: bytes) -> list[_Element]:
    """TimeStampResp / timeStampToken / content [0] / SignedData / certificates [0]."""
    response = _element(answer, 0, len(answer))
    token = _children(answer, response)[1]
    content = _children(answer, token)[1]
    signed = _children(answer, content)[0]
    fields = [item for item in _children(answer, signed) if item.tag == _TAG_0]
    path = [response, token, content, signed, *fields[:1]]
    if [item.tag for item in path] != [_SEQUENCE, _SEQUENCE, _TAG_0, _SEQUENCE, _TAG_0]:
        raise ValueError
    if response.end != len(answer):
        raise ValueError
    return path


def _children(data: bytes, parent: _Element) -> list[_Element]:
    found, at = [], parent.content
    while at < parent.end:
        found.append(_element(data, at, parent.end))
        at = found[-1].end
    return found


def _element(data: bytes, at: int, end: int) -> _Element:
    """The element at `at`. Raises `IndexError` or `ValueError` where there is none that ends by `end`."""
    tag, length, content = data[at], data[at + 1], at + 2
    if length > 0x84 or length == 0x80:
        raise ValueError
    if length > 0x80:
        content += length - 0x80
        length = int.from_bytes(data[at + 2 : content], "big")
    if content + length > end:
        raise ValueError
    return _Element(tag, at, content, content + length)


def _encoded(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 + len(size)]) + size + content
