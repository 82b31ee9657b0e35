"""One daemon thread that reads all event streams: most are quiet, and a thread for each would only wait."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from typing import Protocol


class Watched(Protocol):
    """A stream on a socket that does not block."""

    def fileno(self) -> int:
        """Its descriptor."""
        ...

    def readable(self) -> bool:
        """Reads what is there; whether it is to be watched further. Must not raise."""
        ...

    def unwatched(self) -> None:
        """It is watched no more, and its descriptor may be closed. Must not raise."""
        ...


class Watcher:
    """Its thread begins with the first stream and ends with the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._new: list[Watched] = []
        self._bell: socket.socket | None = None

    def add(self, stream: Watched) -> None:
        """Reads a stream from now on; from any thread."""
        with self._lock:
            self._new.append(stream)
            if self._bell is not None:
                with contextlib.suppress(BlockingIOError):  # it has been rung often enough
                    self._bell.send(b"x")
                return
            self._bell, heard = socket.socketpair()
            self._bell.setblocking(False)
            heard.setblocking(False)
            threading.Thread(target=self._run, args=(heard,), name="events", daemon=True).start()

    def _run(self, heard: socket.socket) -> None:
        with heard, selectors.DefaultSelector() as selector:
            selector.register(heard, selectors.EVENT_READ)
            while self._take_new(selector):
                for key, _ in selector.select():
                    if key.data is None:
                        with contextlib.suppress(BlockingIOError):
                            heard.recv(4096)
                    elif not key.data.readable():
                        selector.unregister(key.fd)
                        key.data.unwatched()

    def _take_new(self, selector: selectors.BaseSelector) -> bool:
        """Whether there is anything left to watch."""
        while True:
            with self._lock:
                new, self._new = self._new, []
                if not new:
                    if len(selector.get_map()) > 1:
                        return True
                    assert self._bell is not None
                    self._bell.close()
                    self._bell = None
                    return False
            for stream in new:
                # What came together with the answer's head is read already, and the selector would not tell of it.
                if stream.readable():
                    selector.register(stream.fileno(), selectors.EVENT_READ, stream)
                else:
                    stream.unwatched()


#: The one of this process.
WATCHER = Watcher()
