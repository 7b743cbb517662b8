"""Canonical JSON, RFC 8785 (JCS): one value, one sequence of bytes, in every language."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from haechi.model.errors import InputError

# Beyond this a number cannot travel through an IEEE 754 double unharmed (RFC 7493, section 2.2).
MAX_SAFE_INTEGER = 2**53 - 1

# The string escapes of `json` without `ensure_ascii` are exactly those of RFC 8785, section 3.2.2.2.
_quote: Callable[[str], str] = json.JSONEncoder(ensure_ascii=False).encode


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a value made of None, bool, int, float, str, list, tuple and mappings by string.

    Raises `InputError` for what has no such form: NaN, infinity, an integer beyond 2**53 - 1 (write it as a
    string), text that is not valid Unicode, another type, or nesting too deep for the interpreter.
    """
    try:
        return "".join(_write(value)).encode()
    except UnicodeEncodeError:
        raise _refused("text holds half of a surrogate pair", "repair the text before it is hashed") from None
    except RecursionError:
        raise _refused("it is nested too deeply", "flatten it") from None


def _write(value: Any) -> Iterator[str]:
    match value:
        case None:
            yield "null"
        case bool():
            yield "true" if value else "false"
        case str():
            yield _quote(value)
        case int():
            yield _integer(value)
        case float():
            yield _double(value)
        case list() | tuple():
            yield from _array(value)
        case Mapping():
            yield from _object(value)
        case _:
            raise _refused(
                f"{type(value).__name__} is not a JSON type", "turn it into text or a number first"
            )


def _array(values: list[Any] | tuple[Any, ...]) -> Iterator[str]:
    before = "["
    for value in values:
        yield before
        yield from _write(value)
        before = ","
    yield "]" if values else "[]"


def _object(members: Mapping[Any, Any]) -> Iterator[str]:
    if any(not isinstance(name, str) for name in members):
        raise _refused("an object has a name that is not text", "name members with text")
    before = "{"
    for name in sorted(members, key=_utf16):
        yield f"{before}{_quote(name)}:"
        yield from _write(members[name])
        before = ","
    yield "}" if members else "{}"


def _utf16(name: str) -> bytes:
    """Names are sorted by UTF-16 code units (section 3.2.3), which differs from code points beyond U+FFFF."""
    return name.encode("utf-16-be")


def _integer(value: int) -> str:
    if abs(value) > MAX_SAFE_INTEGER:
        raise _refused("an integer is beyond 2**53 - 1", "write it as a string")
    return str(int(value))


def _double(value: float) -> str:
    """A double as ECMAScript writes it (`Number::toString`, ECMA-262), which section 3.2.2.3 asks for."""
    if not math.isfinite(value):
        raise _refused("a number is not finite", "leave it out or write null")
    if value == 0:
        return "0"  # -0 too
    # Python's repr has the same shortest digits; only their layout differs.
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = int(exponent or 0) - len(fraction) + len(digits)  # value = 0.DIGITS * 10**point
    digits = digits.rstrip("0")
    return ("-" if value < 0 else "") + _layout(digits, point)


def _layout(digits: str, point: int) -> str:
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{tail}e{point - 1:+d}"


def _refused(why: str, todo: str) -> InputError:
    return InputError(f"a value has no canonical JSON form: {why}", where="RFC 8785", todo=todo)
