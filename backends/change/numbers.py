"""Numbers, sizes and times as Go's ``strconv``, ``time.ParseDuration`` and docker/go-units read and write them.

All raise ``BadValue`` with Go's words, which the docker CLI shows.
"""

from __future__ import annotations

import re
import struct
from fractions import Fraction

from backends.change.decimals import read_float, read_ratio
from backends.change.flag_error import BadValue

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_BASED = re.compile(
    r"(?:0[xX](?P<x>(?:_?[0-9a-fA-F])+)|0[bB](?P<b>(?:_?[01])+)|0[oO]?(?P<o>(?:_?[0-7])+)|(?P<d>0|[1-9](?:_?\d)*))\Z"
)
_DECIMAL = re.compile(r"(?P<d>[0-9]+)\Z")
_BASES = {"x": 16, "b": 2, "o": 8, "d": 10}
_SPAN = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?P<unit>[^.0-9]*)")
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v"}
_SIZES = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}


def quoted(text: str) -> str:
    """A text as Go's ``%q`` writes it, for the CLI's messages."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plainly(escaped)}"'


def plainly(text: str) -> str:
    """Characters that cannot be seen, or that turn what stands beside them, as Go's escapes."""
    return text if text.isprintable() else "".join(map(_seen, text))


def _seen(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return _ESCAPES.get(character) or (f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}")


def parse_bool(text: str) -> bool:
    """``strconv.ParseBool``."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise BadValue(f"strconv.ParseBool: parsing {quoted(text)}: invalid syntax")


def parse_uint(text: str, bits: int = 64, based: bool = True) -> int:
    """``strconv.ParseUint``; ``based`` also takes ``0x``, ``0o``, ``0b`` and underscores (base 0)."""
    value = _integer(text, based)
    if value is None:
        raise BadValue(f"strconv.ParseUint: parsing {quoted(text)}: invalid syntax")
    if value >= 1 << bits:
        raise BadValue(f"strconv.ParseUint: parsing {quoted(text)}: value out of range")
    return value


def parse_int(text: str, based: bool = True) -> int:
    """``strconv.ParseInt`` of 64 bits."""
    value = _integer(text[1:] if text[:1] in ("+", "-") else text, based)
    if value is None:
        raise BadValue(f"strconv.ParseInt: parsing {quoted(text)}: invalid syntax")
    value = -value if text.startswith("-") else value
    if not -(1 << 63) <= value < 1 << 63:
        raise BadValue(f"strconv.ParseInt: parsing {quoted(text)}: value out of range")
    return value


def _integer(text: str, based: bool) -> int | None:
    match = _DECIMAL.match(text) if not based else _BASED.match(text)
    if match is None or match.lastgroup is None:
        return None
    digits = match[match.lastgroup].replace("_", "").lstrip("0") or "0"
    # More digits than any number of 64 bits has, in any base: out of range, and not worked out.
    return int(digits, _BASES[match.lastgroup]) if len(digits) <= 70 else 1 << 70


def parse_float32(text: str) -> float:
    """``strconv.ParseFloat`` of 32 bits, as the shortest number that stands for the same 32 bits."""
    number = _float(text)
    try:
        bits = struct.pack("<f", number)
    except OverflowError:
        raise BadValue(f"strconv.ParseFloat: parsing {quoted(text)}: value out of range") from None
    exact = float(struct.unpack("<f", bits)[0])
    for digits in range(1, 10):
        short = float(f"{exact:.{digits}g}")
        if struct.pack("<f", short) == bits:
            return short
    return exact


def _float(text: str) -> float:
    number = read_float(text)
    if number is None:
        unsaid = text.lstrip("+-").lower() in ("inf", "infinity", "nan")
        raise BadValue(
            f"{text} is no number that can be sent"
            if unsaid
            else f"strconv.ParseFloat: parsing {quoted(text)}: invalid syntax"
        )
    try:
        return float(number)
    except OverflowError:
        raise BadValue(f"strconv.ParseFloat: parsing {quoted(text)}: value out of range") from None


def show_float(value: float) -> str:
    """A ratio as people write it: ``0.25``."""
    return f"{value:g}"


def parse_duration(text: str) -> int:
    """``time.ParseDuration``: ``1m30s`` in nanoseconds."""
    bad = BadValue(f"time: invalid duration {quoted(text)}")
    begin = 1 if text[:1] in ("+", "-") else 0
    if text[begin:] == "0":
        return 0
    at, total = begin, 0
    while at < len(text):
        part = _SPAN.match(text, at)
        if part is None:
            raise bad
        if not part["unit"]:
            raise BadValue(f"time: missing unit in duration {quoted(text)}")
        if part["unit"] not in _UNITS:
            raise BadValue(f"time: unknown unit {quoted(part['unit'])} in duration {quoted(text)}")
        if len(part["number"]) > 40:
            raise bad
        total += int(Fraction(part["number"].rstrip(".")) * _UNITS[part["unit"]])
        at = part.end()
    least = text.startswith("-") and total == 1 << 63
    if at == begin or (total >= 1 << 63 and not least):
        raise bad
    return -total if text.startswith("-") else total


def parse_positive_duration(text: str) -> int:
    """A duration of zero or more."""
    value = parse_duration(text)
    if value < 0:
        raise BadValue("duration cannot be negative")
    return value


def show_duration(nanoseconds: int) -> str:
    """A duration in the fewest words that ``parse_duration`` reads back: ``90s``, ``1h``, ``1m30.5s``."""
    if nanoseconds < 0:
        return "-" + show_duration(-nanoseconds)
    if nanoseconds == 0:
        return "0s"
    for unit in ("h", "m", "s", "ms", "us"):
        if nanoseconds % _UNITS[unit] == 0:
            return f"{nanoseconds // _UNITS[unit]}{unit}"
    return f"{nanoseconds}ns"


def parse_size(text: str) -> int:
    """``units.RAMInBytes``: ``512m``, ``1.5GiB`` in bytes."""
    places = [i for i, c in enumerate(text) if c in "01234567890. "]
    if not places:
        raise BadValue(f"invalid size: '{text}'")
    last = places[-1]
    number, suffix = (text[:last] if text[last] == " " else text[: last + 1]), text[last + 1 :].lower()
    size = _float(number)
    if size < 0:
        raise BadValue(f"invalid size: '{text}'")
    if suffix not in ("", "b"):
        unit = _SIZES.get(suffix[0])
        if unit is None or suffix[1:] not in ("", "b", "ib"):
            raise BadValue(f"invalid suffix: '{suffix}'")
        size *= unit
    if size >= 1 << 63:
        raise BadValue(f"invalid size: '{text}'")
    return int(size)


def show_size(size: int) -> str:
    """Bytes in the largest unit that divides them: ``512m``."""
    for unit in ("p", "t", "g", "m", "k"):
        if size and size % _SIZES[unit] == 0:
            return f"{size // _SIZES[unit]}{unit}"
    return str(size)


def parse_cpus(text: str) -> int:
    """``opts.ParseCPUs``: ``1.5`` or ``1/2`` in billionths of a core."""
    ratio = read_ratio(text)
    if ratio is None:
        raise BadValue(f"failed to parse {text} as a rational number")
    nano = ratio * 10**9
    if abs(nano) >= 1 << 63:
        raise BadValue("no machine has so many CPUs")
    if nano.denominator != 1:
        raise BadValue("value is too precise")
    return int(nano)


def show_cpus(nano: int) -> str:
    """Billionths of a core as ``0.25``."""
    return f"{nano / 10**9:.9f}".rstrip("0").rstrip(".")
