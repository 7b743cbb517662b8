"""Asking somebody over HTTP, with every failure in words, and the answer bounded in size and in time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import httpx

from haechi.model.errors import EvidenceError

_PLAIN: Final = {"Accept-Encoding": "identity"}  # so that the bound on an answer is on what it holds, too


@dataclass(frozen=True)
class Answered:
    """An HTTP answer. `type` is its Content-Type without parameters, lower case."""

    status: int
    type: str
    body: bytes


def ask(
    who: str, method: str, url: str, body: bytes | None = None, *, type: str = "", most: int, seconds: float
) -> Answered:
    """One request. `who` is asked, for the messages; `most`: bytes of an answer; `type`: the body's.

    Raises:
        EvidenceError: no answer, too long a one, or too slow: `seconds` are from asking to the last byte.
    """

    def useless(why: str) -> EvidenceError:
        return EvidenceError(f"{who} gave no usable answer: {why}", where=url)

    deadline = time.monotonic() + seconds
    headers = _PLAIN | ({"Content-Type": type} if type else {})
    try:
        with (
            httpx.Client(timeout=seconds) as client,
            client.stream(method, url, content=body, headers=headers) as response,
        ):
            data = b""
            for part in response.iter_raw():
                data += part
                if len(data) > most:
                    raise useless("its answer is too long")
                if time.monotonic() > deadline:
                    raise useless(f"its answer took longer than {seconds:g} seconds")
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Answered(response.status_code, kind, data)
    except httpx.TimeoutException:
        raise useless(f"it did not answer within {seconds:g} seconds") from None
    except httpx.ConnectError:
        raise useless("nobody answers at its address") from None
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        raise useless("its address is not a URL of http or https") from None
    except httpx.HTTPError as error:
        raise useless(f"its answer broke off ({error.__class__.__name__})") from None
