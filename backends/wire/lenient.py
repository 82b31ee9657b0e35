"""Typed decoding that survives what engines get wrong: fast while all is well, patient where it is not.

Wire structs name their fields as the Engine API does. Go writes nil slices and maps as ``null``, hence the
``| None`` on every list and map. One odd value costs that value, not the object; one odd object costs that
object, not the listing.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

import msgspec

from backends.errors import BadAnswer


class Wire(msgspec.Struct, gc=False):
    """Base of the structs that mirror the Engine's JSON; unknown keys are skipped, all fields have defaults."""


_W = TypeVar("_W", bound=Wire)
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw] | None)
#: What Go writes for ``map[string]string`` and ``[]string``.
StrMap = dict[str, str] | None
StrList = list[str] | None


class _Hopeless(Exception):
    """The value cannot be made to fit; whoever asked drops it."""


def _malformed(error: Exception) -> BadAnswer:
    return BadAnswer("The engine's answer is not the JSON that belongs there.", original=str(error))


def _loads(data: bytes) -> object:
    """Any JSON; bytes that are no UTF-8 become replacement characters instead of an error."""
    try:
        try:
            return msgspec.json.decode(data)
        except UnicodeDecodeError:
            return msgspec.json.decode(data.decode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise _malformed(error) from error


def _mended(value: object, wanted: Any) -> object:
    """``value`` without the parts that do not fit ``wanted``; raises ``_Hopeless`` where nothing is left."""
    try:
        msgspec.convert(value, wanted, strict=False)
        return value
    except (msgspec.ValidationError, RecursionError):
        pass
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        return _mended(value, next(a for a in get_args(wanted) if a is not type(None)))
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct) and isinstance(value, dict):
        return _mended_fields(value, wanted)
    if origin is list and isinstance(value, list):
        return [m for m in (_attempt(v, get_args(wanted)[0]) for v in value) if m is not _NOTHING]
    if origin is dict and isinstance(value, dict):
        pairs = ((k, _attempt(v, get_args(wanted)[1])) for k, v in value.items())
        return {k: v for k, v in pairs if v is not _NOTHING}
    if wanted is str and not isinstance(value, list | dict):
        return "" if value is None else str(value)
    raise _Hopeless


_NOTHING = object()


def _attempt(value: object, wanted: Any) -> object:
    try:
        return _mended(value, wanted)
    except _Hopeless:
        return _NOTHING


def _mended_fields(value: dict[str, object], wanted: type[msgspec.Struct]) -> dict[str, object]:
    kept = {}
    for field in msgspec.structs.fields(wanted):
        if field.encode_name in value:
            part = _attempt(value[field.encode_name], field.type)
            if part is not _NOTHING:
                kept[field.encode_name] = part
    return kept


def convert(value: object, wanted: type[_W]) -> _W:
    """A decoded JSON value as ``wanted``, odd parts left out; raises ``BadAnswer`` if it is no object."""
    try:
        return msgspec.convert(_mended(value, wanted), wanted, strict=False)
    except (_Hopeless, msgspec.ValidationError) as error:
        raise _malformed(error) from error


class One(Generic[_W]):
    """Decoder of a single object of ``wanted``."""

    def __init__(self, wanted: type[_W]) -> None:
        self._wanted = wanted
        self._decoder = msgspec.json.Decoder(wanted)

    def decode(self, data: bytes | msgspec.Raw) -> _W:
        """The object, odd parts left out; raises ``BadAnswer`` where it is no JSON object."""
        try:
            return self._decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return convert(_loads(bytes(data)), self._wanted)

    def decode_lines(self, data: bytes) -> list[_W]:
        """One object per line (NDJSON); empty lines are none. Raises ``BadAnswer`` for a malformed line."""
        try:
            return self._decoder.decode_lines(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return [self.decode(line) for line in data.splitlines() if line.strip()]


class Many(Generic[_W]):
    """Decoder of a listing: a JSON array (or ``null``) of ``wanted``."""

    def __init__(self, wanted: type[_W]) -> None:
        self._one = One(wanted)

    def decode(self, data: bytes) -> Iterator[_W]:
        """All objects that can be understood, each decoded when it is asked for: so a long listing exists
        only once in memory, as what the caller makes of it. Raises ``BadAnswer`` where it is no JSON array.
        """
        try:
            parts = _ARRAY.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            loaded = _loads(data)
            if not isinstance(loaded, list):
                raise BadAnswer(
                    "The engine's answer is not the list that belongs there.", original=str(loaded)[:400]
                ) from None
            parts = [msgspec.Raw(msgspec.json.encode(item)) for item in loaded]
        for part in parts or ():
            try:
                one = self._one.decode(part)
            except BadAnswer:
                continue
            yield one
