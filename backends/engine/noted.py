"""Requests in the log of ``--debug``: what was asked and how long it took, never queries or bodies, which may hold what
is nobody's business."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)
_VERSION = re.compile(r"\A/v\d+\.\d+(?=/)")


def unversioned(path: str) -> str:
    """A path without the prefix of the API version."""
    return _VERSION.sub("", path)


@contextmanager
def noted(method: str, path: str) -> Iterator[None]:
    """Notes one request, whose answer comes within."""
    began = time.monotonic()
    how = "answered"
    try:
        yield
    except Exception as error:
        how = type(error).__name__
        raise
    finally:
        if _log.isEnabledFor(logging.DEBUG):
            took = (time.monotonic() - began) * 1000
            _log.debug("%s %s: %s after %.0f ms", method, unversioned(path).partition("?")[0], how, took)
