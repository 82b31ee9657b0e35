"""Host patterns of known_hosts: lists with commas, wildcards, negation and hashed names (sshd(8))."""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import hmac
import re

_WILD = re.compile(r"[*?!]")


def matches(names: str, host: str) -> bool:
    """Whether the first field of a known_hosts line speaks of ``host`` (``name`` or ``[name]:port``)."""
    host = host.lower()
    if names.startswith("|"):
        return _hash_matches(names, host)
    if not _WILD.search(names):
        return host in names.lower().split(",")  # of thousands of lines nearly all are such
    found = False
    for pattern in names.split(","):
        negated = pattern.startswith("!")
        if _pattern(pattern[1:] if negated else pattern).fullmatch(host):
            if negated:
                return False
            found = True
    return found


@functools.lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(character, re.escape(character)) for character in text.lower()))


def _hash_matches(names: str, host: str) -> bool:
    parts = names.split("|")
    if len(parts) != 4 or parts[1] != "1":
        return False
    try:
        salt, digest = base64.b64decode(parts[2]), base64.b64decode(parts[3])
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(salt, host.encode(), hashlib.sha1).digest(), digest)
