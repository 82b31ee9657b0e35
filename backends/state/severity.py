"""The state words and their colour classes: one list for everything."""

from __future__ import annotations

from typing import Literal

Severity = Literal["ok", "chg", "warn", "err", "off"]

#: Every state word there is, with its class.
SEVERITIES: dict[str, Severity] = {
    "running": "ok",
    "healthy": "ok",
    "ready": "ok",
    "complete": "off",
    "starting": "chg",
    "updating": "chg",
    "connecting": "chg",
    "pending": "warn",
    "waiting": "warn",
    "filling": "warn",
    "stale": "warn",
    "degraded": "warn",
    "failing": "err",
    "failed": "err",
    "down": "err",
    "refused": "err",
    "drained": "off",
    "paused": "off",
    "stopped": "off",
    "shutdown": "off",
    "unknown": "warn",
}

_RANK: dict[str, int] = {"err": 0, "warn": 1, "chg": 2, "ok": 3, "off": 4}


def severity(word: str) -> Severity:
    """The colour class of a state word; ``off`` for words that are not in the list."""
    return SEVERITIES.get(word, "off")


def rank(word: str) -> int:
    """Order of state words, worst first, for sorting."""
    return _RANK[severity(word)]
