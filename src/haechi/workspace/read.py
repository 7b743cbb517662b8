"""From the plain values of a TOML document to `Settings`, collecting every misfit on the way.

`msgspec.convert` stops at the first misfit; a person who corrects a file wants them all. So structs are
walked here, field by field, and msgspec converts the leaves.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from haechi.workspace.positions import Path
from haechi.workspace.problems import did_you_mean

S = TypeVar("S", bound=msgspec.Struct)
Complain = Callable[[Path, str], None]

_KINDS: dict[object, str] = {
    str: "text in quotes", bool: "true or false", int: "a whole number", float: "a number",
    datetime: "a date or a date with a time, not in quotes",
}  # fmt: skip
# A day named as an end lasts until the day is over.
_ENDS = {"not-after"}
_DAY = timedelta(days=1) - timedelta(microseconds=1)


def read_struct(kind: type[S], raw: object, path: Path, complain: Complain) -> S | None:
    """A struct from a TOML table; None, and at least one complaint, where something does not fit."""
    fits, values = read_fields(kind, raw, path, complain)
    return kind(**values) if fits else None


def read_partly(kind: type[S], raw: object, path: Path, complain: Complain) -> tuple[S, Complain] | None:
    """What fits of a table that misfits, so that the rest is checked as well; None for what is no table.

    Text that is missing is empty. The complaints handed back pass on only what is said of keys that are there and fit:
    the others were complained about already.
    """
    if not isinstance(raw, dict):
        return None
    _, values = read_fields(kind, raw, path, lambda _key, _what: None)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    fit = {key for key, field in fields.items() if field.name in values}
    missing = {field.name: "" for field in fields.values() if field.required and field.name not in values}
    # A key that is missing and need not be there may be complained about; one that misfits was.
    silent = {key for key, field in fields.items() if key not in fit and (key in raw or field.required)}

    def of_the_rest(key: Path, what: str) -> None:
        if len(key) <= len(path) or key[len(path)] not in silent:
            complain(key, what)

    return kind(**values, **missing), of_the_rest


def read_fields(kind: type[S], raw: object, path: Path, complain: Complain) -> tuple[bool, dict[str, Any]]:
    """Whether a TOML table fits a struct, and the values of the fields that were there and fit.

    Lists are there even when some of their items misfit: those are None.
    """
    values: dict[str, Any] = {}
    if not isinstance(raw, dict):
        complain(path, f"must be a table, not {_name(raw)}.")
        return False, values
    hints = typing.get_type_hints(kind)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    good = True
    for key in raw:
        if key not in fields:
            complain((*path, key), f"is not a setting here.{did_you_mean(key, fields)}")
            good = False
    for key, field in fields.items():
        if key not in raw:
            if field.required:
                complain(path, f'has no "{key}", which it needs.')
                good = False
            continue
        fits, value = _value(hints[field.name], raw[key], (*path, key), complain)
        if fits or isinstance(value, list):
            values[field.name] = value
        good &= fits
    return good, values


def _value(kind: Any, raw: object, path: Path, complain: Complain) -> tuple[bool, Any]:
    """Whether a value fits its type, and the value."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        value = read_struct(kind, raw, path, complain)
        return value is not None, value
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list:
        if not isinstance(raw, list):
            shape = f"[[{path[-1]}]]" if _is_struct(arguments[0]) else '["...", "..."]'
            complain(path, f"must be a list ({shape}), not {_name(raw)}.")
            return False, None
        items = [_value(arguments[0], item, (*path, i), complain) for i, item in enumerate(raw)]
        # A misfit leaves None in its place, so that checks across the others still know where each stands.
        return all(fits for fits, _ in items), [value for _, value in items]
    if origin is types.UnionType or origin is typing.Union:
        (kind,) = (argument for argument in arguments if argument is not type(None))
    return _leaf(kind, raw, path, complain)


def _leaf(kind: Any, raw: object, path: Path, complain: Complain) -> tuple[bool, Any]:
    if kind is datetime and isinstance(raw, date) and not isinstance(raw, datetime):
        midnight = datetime.combine(raw, time())
        return True, midnight + _DAY if path[-1] in _ENDS else midnight
    if get_origin(kind) is typing.Literal:
        if raw in get_args(kind):
            return True, raw
        complain(path, f"cannot be {_quote(raw)}.{did_you_mean(str(raw), get_args(kind))}")
        return False, None
    try:
        return True, msgspec.convert(raw, kind)
    except msgspec.ValidationError:
        complain(path, f"must be {_kind(kind)}, not {_name(raw)}.")
        return False, None


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _kind(kind: Any) -> str:
    if get_origin(kind) is dict:
        inner = get_args(kind)[1]
        return f"a table whose values are each {_kind(inner)}" if inner is str else "a table of tables"
    return _KINDS.get(kind, str(kind))


def _name(raw: object) -> str:
    """What a misfit is, without repeating its value: a value can be a secret."""
    kinds: list[tuple[type, str]] = [
        (bool, "true or false"), (str, "text"), (int, "a number"), (float, "a number"), (dict, "a table"),
        (list, "a list"), (datetime, "a date and time"), (date, "a date"), (time, "a time of day"),
    ]  # fmt: skip
    return next(name for kind, name in kinds if isinstance(raw, kind))


def _quote(raw: object) -> str:
    return f'"{raw}"' if isinstance(raw, str) and len(raw) <= 40 else _name(raw)
