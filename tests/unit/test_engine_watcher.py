"""Many streams read by one thread."""

from __future__ import annotations

import socket
import threading

from backends.engine.watcher import Watcher
from tests.unit.ssh_double import until


class Stream:
    """The reading end of a socket pair."""

    def __init__(self) -> None:
        self.here, self.there = socket.socketpair()
        self.here.setblocking(False)
        self.data = b""
        self.over = False
        self.threads: set[str] = set()

    def fileno(self) -> int:
        return self.here.fileno()

    def readable(self) -> bool:
        self.threads.add(threading.current_thread().name)
        try:
            data = self.here.recv(1000)
        except BlockingIOError:
            return True
        self.data += data
        return bool(data)

    def unwatched(self) -> None:
        self.here.close()
        self.over = True


async def test_all_are_read_by_one_thread_which_ends_with_the_last() -> None:
    watcher = Watcher()
    streams = [Stream() for _ in range(50)]
    for stream in streams:
        stream.there.send(b"at once ")
        watcher.add(stream)
    for stream in streams:
        stream.there.send(b"later")
    await until(lambda: all(stream.data == b"at once later" for stream in streams))
    assert len(set.union(*(stream.threads for stream in streams))) == 1
    # WHEN some end, THEN the others go on
    for stream in streams[1:]:
        stream.there.close()
    await until(lambda: all(stream.over for stream in streams[1:]))
    streams[0].there.send(b", still")
    await until(lambda: streams[0].data.endswith(b"still"))
    # WHEN the last one ends, THEN the thread does; a new one begins anew
    streams[0].there.close()
    await until(lambda: streams[0].over and watcher._bell is None)
    again = Stream()
    watcher.add(again)
    again.there.send(b"new")
    await until(lambda: again.data == b"new")
    again.there.close()
    await until(lambda: again.over)


async def test_a_stream_that_is_over_at_once() -> None:
    watcher = Watcher()
    stream = Stream()
    stream.there.close()
    watcher.add(stream)
    await until(lambda: stream.over and watcher._bell is None)
