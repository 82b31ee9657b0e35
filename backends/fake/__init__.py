"""A Docker Engine simulated behind a real HTTP server on a unix socket: serves the demo and the tests.

``FakeServer`` runs in the caller's loop, ``ThreadedFakeServer`` in a thread of its own, and
``python -m backends.fake`` as a process.
"""

from __future__ import annotations

import logging

from backends.fake.server import FakeServer
from backends.fake.threaded import ThreadedFakeServer

# without a handler of ours, logging would write to a screen that is not its own
logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = ["FakeServer", "ThreadedFakeServer"]
