"""Small pieces of English that sentences about a Swarm are made of."""

from __future__ import annotations

from collections.abc import Sequence

#: What a container's exit code means beyond the number (shell and engine conventions, 128 + signal).
EXIT_MEANINGS = {
    125: "the engine could not run it",
    126: "command cannot be executed",
    127: "command not found",
    130: "SIGINT",
    132: "SIGILL",
    134: "SIGABRT",
    135: "SIGBUS",
    136: "SIGFPE",
    137: "SIGKILL",
    139: "SIGSEGV",
    141: "SIGPIPE",
    143: "SIGTERM",
}


def listing(words: Sequence[str], most: int = 4) -> str:
    """``a``, ``a and b``, ``a, b and c``; beyond ``most``: ``a, b, c and 7 more``."""
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} more"]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def plural(count: int, noun: str, many: str = "") -> str:
    """``1 node``, ``3 nodes``."""
    return f"{count} {noun if count == 1 else many or noun + 's'}"


def times(count: int) -> str:
    """``once``, ``twice``, ``17 times``."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def short_image(reference: str) -> str:
    """An image reference without its digest."""
    return reference.partition("@")[0]


def image_change(old: str, new: str) -> str:
    """``shop/api:2.8.0 → 2.8.1`` where only the tag differs, else both whole; a new digest of the same tag
    is said so."""
    before, after = short_image(old), short_image(new)
    if before == after:
        return f"{after}, other digest" if old != new else after
    name, colon, tag = after.rpartition(":")
    if colon and "/" not in tag and before.rpartition(":")[0] == name:
        return f"{before} → {tag}"
    return f"{before} → {after}"


def exit_text(code: int) -> str:
    """``exit 126, command cannot be executed``: the code with its meaning where it has one."""
    meaning = EXIT_MEANINGS.get(code)
    return f"exit {code}, {meaning}" if meaning else f"exit {code}"


def duration(seconds: float) -> str:
    """``40 s``, ``6 min``, ``3 h``, ``12 d``: one unit, rounded down."""
    whole = max(0, int(seconds))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if whole >= size:
            return f"{whole // size} {unit}"
    return f"{whole} s"
