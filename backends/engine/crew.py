"""Daemon threads shared by all engines: 300 of them with a few idle threads each would be a thousand.

Not ``concurrent.futures``: its threads are joined when the interpreter exits, so that one hung engine would
keep the program from ending.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

Work = Callable[[], None]
#: Seconds that a thread waits for more work before it ends.
IDLE = 5.0


class Crew:
    """As many threads as there is work at once: work never waits for other work, and who hands it in sees to how
    much that is."""

    def __init__(self, name: str = "engine", idle: float = IDLE) -> None:
        self._name, self._idle_for = name, idle
        self._idle: list[queue.SimpleQueue[Work]] = []
        self._lock = threading.Lock()
        self._made = 0

    def run(self, work: Work) -> None:
        """Runs ``work``, which must not raise, on a thread that is free or new."""
        with self._lock:
            hand = self._idle.pop() if self._idle else None
            self._made += hand is None
            number = self._made
        if hand is not None:
            hand.put(work)
            return
        threading.Thread(target=self._work, args=(work,), name=f"{self._name}-{number}", daemon=True).start()

    def _work(self, work: Work) -> None:
        hand: queue.SimpleQueue[Work] = queue.SimpleQueue()
        while True:
            work()
            del work  # an idle thread must not keep what its last work was about
            with self._lock:
                self._idle.append(hand)
            try:
                work = hand.get(timeout=self._idle_for)
            except queue.Empty:
                with self._lock:
                    if hand in self._idle:
                        self._idle.remove(hand)
                        return
                work = hand.get()  # it was handed in just now


#: The one of this process.
CREW = Crew()
