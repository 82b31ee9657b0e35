"""A Docker Engine simulated behind a real HTTP server on a unix socket: serves the demo and the tests.

``FakeServer`` runs in the caller's loop, ``ThreadedFakeServer`` in a thread of its own, and
``python -m backends.fake`` as a process.
"""

from __future__ import annotations

from backends.fake.server import FakeServer
from backends.fake.threaded import ThreadedFakeServer

__all__ = ["FakeServer", "ThreadedFakeServer"]
