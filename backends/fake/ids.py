"""Identifiers that look like the engine's and are the same on every run: made from what they name."""

from __future__ import annotations

import hashlib

_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def swarm_id(seed: str, head: str = "") -> str:
    """An ID as swarmkit makes them: 25 digits to base 36, beginning with ``head``."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big")
    digits = ""
    while len(digits) < 25:
        number, digit = divmod(number, 36)
        digits += _BASE36[digit]
    return (head + digits)[:25]


def hex_id(seed: str, head: str = "", length: int = 64) -> str:
    """An ID as containers, endpoints, images and local networks have, beginning with ``head``."""
    return (head + hashlib.sha256(seed.encode()).hexdigest())[:length]


def mac(address: str) -> str:
    """The MAC that Docker derives from an IPv4 address (``10.0.9.5`` or ``10.0.9.5/24``)."""
    return "02:42:" + ":".join(f"{int(part):02x}" for part in address.partition("/")[0].split("."))
