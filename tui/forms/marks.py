"""The four ways in which something is said beside a field: good, doubtful, bad, or only said."""

from __future__ import annotations

from tui.look.symbols import sym
from tui.text.span import Line


def good(text: str) -> Line:
    """``✓ free``."""
    return ((f"{sym('check')} ", "ok"), (text, "muted"))


def doubt(text: str) -> Line:
    """``▲ tunnel``."""
    return ((f"{sym('look')} ", "warn"), (text, ""))


def bad(text: str) -> Line:
    """``✗ in use``."""
    return ((f"{sym('fail')} ", "err"), (text, "err"))


def quiet(text: str) -> Line:
    """What is neither."""
    return ((text, "muted"),)
