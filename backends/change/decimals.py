"""Numbers with a fraction as Go's ``strconv.ParseFloat`` and ``big.Rat.SetString`` read them."""

from __future__ import annotations

import re
from fractions import Fraction

_SIGNED = r"(?P<sign>[+-]?)"
_DIGITS = r"(?P<whole>[0-9](?:_?[0-9])*)?(?:\.(?P<part>[0-9](?:_?[0-9])*)?)?"
_FLOAT = re.compile(rf"{_SIGNED}{_DIGITS}(?:[eE](?P<power>[+-]?[0-9](?:_?[0-9])*))?\Z")
_HEX = re.compile(
    rf"{_SIGNED}0[xX]_?(?P<whole>[0-9a-fA-F](?:_?[0-9a-fA-F])*)?(?:\.(?P<part>[0-9a-fA-F](?:_?[0-9a-fA-F])*)?)?"
    r"(?:[pP](?P<power>[+-]?[0-9](?:_?[0-9])*))?\Z"
)
_BASED = re.compile(
    rf"{_SIGNED}(?:0[bB](?P<b>(?:_?[01])+)|0[oO](?P<o>(?:_?[0-7])+))(?:[pP](?P<power>[+-]?[0-9](?:_?[0-9])*))?\Z"
)
_BINARY = re.compile(rf"{_SIGNED}{_DIGITS}[pP](?P<power>[+-]?[0-9](?:_?[0-9])*)\Z")
#: No number that a flag takes has more digits. A larger power is not worked out: its number is out of range too.
_LONGEST, _STRONGEST = 60, 5000


def read_float(text: str) -> Fraction | None:
    """What ``ParseFloat`` reads, exactly; ``None`` where it reads none. ``Inf`` and ``NaN`` are none: no flag can
    send them."""
    found = _scaled(_FLOAT.match(text), 10, 10)
    return found if found is not None else _hexadecimal(text, powered=True)


def read_ratio(text: str) -> Fraction | None:
    """What ``Rat.SetString`` reads: ``1.5``, ``1/2``, ``0x10``, ``1p-1``."""
    above, divided, below = text.partition("/")
    if divided:
        return _divided(above, below)
    power = re.search(r"[eEpP][+-]?([0-9_]+)\Z", text)
    if power is not None and len(power[1].replace("_", "").lstrip("0")) > 6:
        return None
    for pattern, base, root in ((_FLOAT, 10, 10), (_BINARY, 10, 2)):
        found = _scaled(pattern.match(text), base, root)
        if found is not None:
            return found
    match = _BASED.match(text)
    if match is None:
        return _hexadecimal(text, powered=False)
    digits = (match["b"] or match["o"]).replace("_", "")
    return _powered(match, Fraction(int(digits, 2 if match["b"] else 8)), 2) if len(digits) <= _LONGEST else None


def _hexadecimal(text: str, *, powered: bool) -> Fraction | None:
    match = _HEX.match(text)
    if match is None or (powered and match["power"] is None):
        return None
    return _scaled(match, 16, 2)


def _divided(above: str, below: str) -> Fraction | None:
    """Both sides are whole numbers in any base, the lower one without a sign."""
    sides = []
    for side, signs in ((above, "+-"), (below, "")):
        plain = side[1:] if side[:1] and side[0] in signs else side
        number = _whole(plain)
        if number is None:
            return None
        sides.append(-number if side.startswith("-") else number)
    return Fraction(sides[0], sides[1]) if sides[1] else None


def _whole(text: str) -> int | None:
    if len(text) > _LONGEST or text.startswith("+") or not re.fullmatch(r"0[0-7_]*|0?[xXbBoO1-9][0-9a-fA-F_]*", text):
        return None
    try:
        return int(f"0o{text[1:]}" if re.fullmatch(r"0[0-7_]+", text) else text, 0)
    except ValueError:
        return None


def _scaled(match: re.Match[str] | None, base: int, power: int) -> Fraction | None:
    if match is None or not (match["whole"] or match["part"]):
        return None
    whole, part = ((match[side] or "").replace("_", "") for side in ("whole", "part"))
    digits = whole.lstrip("0") + part
    if len(digits) > _LONGEST:
        return None
    return _powered(match, Fraction(int(digits or "0", base), base ** len(part)), power)


def _powered(match: re.Match[str], number: Fraction, base: int) -> Fraction:
    raised = (match["power"] or "0").replace("_", "")
    power = int(raised) if len(raised) < 6 else int(f"{raised[0]}99999" if raised[0] in "+-" else "99999")
    number *= Fraction(base) ** max(-_STRONGEST, min(power, _STRONGEST))
    return -number if match["sign"] == "-" else number
