"""What the page of a rollout asks beside the snapshot: the last words of tries that failed, and which settings differ.
Each is asked once, when it is to be seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from backends.api import LogOptions
from backends.errors import BackendError
from backends.model import Key
from backends.rollouts.rollout import Rollout
from tui.details.rollout_attempt import LOG_LINES, LastWords
from tui.logs.ansi import strip

if TYPE_CHECKING:
    from backends.api import Cluster

#: Seconds that the end of a log is waited for, and logs that are remembered.
READ, KEPT = 8.0, 200


class RolloutReading:
    """Belongs to one page."""

    def __init__(self, cluster: Callable[[], Cluster]) -> None:
        self._cluster = cluster
        self.words: dict[str, LastWords] = {}
        """Ends of logs, by task."""
        self._differs: dict[tuple[str, float], tuple[str, ...]] = {}
        self._running: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Nobody waits for it any more."""
        for task in self._running:
            task.cancel()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="rollout")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    # Logs

    def last_words(self, key: Key, told: Callable[[], None]) -> None:
        """Asks for the end of a task's log, once; ``told`` when it has come."""
        if key.id in self.words:
            return
        if len(self.words) > KEPT:
            self.words.clear()
        self.words[key.id] = LastWords(waiting=True)
        self._begin(self._last_words(key, told))

    async def _last_words(self, key: Key, told: Callable[[], None]) -> None:
        lines: list[str] = []
        problem = ""
        try:
            async with asyncio.timeout(READ):
                options = LogOptions(follow=False, tail=LOG_LINES)
                async with self._cluster().logs(key, options) as batches:
                    async for batch in batches:
                        lines += [strip(one.text) for one in batch.lines]
        except asyncio.CancelledError:
            self.words.pop(key.id, None)
            raise
        except TimeoutError:
            problem = "" if lines else "its log did not come in time"
        except BackendError as error:
            problem = f"its log cannot be read: {error}"
        self.words[key.id] = LastWords(tuple(lines[-LOG_LINES:]), problem)
        told()

    # Settings

    def what(self, run: Rollout, told: Callable[[], None]) -> tuple[str, ...]:
        """Names of the settings that differ from before, the image left out; empty until they are read, and where
        the Swarm does not know any more."""
        if run.service.update is None or not run.service.previous_image:
            return ()
        at = (run.service.id, run.started or 0.0)
        if at not in self._differs:
            self._differs[at] = ()
            self._begin(self._compare(run.service.key, at, told))
        return self._differs[at]

    async def _compare(self, key: Key, at: tuple[str, float], told: Callable[[], None]) -> None:
        from backends.change.restarts import changes

        try:
            found = await self._cluster().inspect(key)
        except BackendError:
            return  # the image is told all the same
        before, after = (
            (found.get(name) for name in ("PreviousSpec", "Spec")) if isinstance(found, dict) else (None,) * 2
        )
        if isinstance(before, dict) and isinstance(after, dict):
            told_already = {"Image", "Platforms"}  # an image's platforms come with it
            named = (one.what() for one in changes(before, after) if told_already.isdisjoint(one.path))
            self._differs[at] = tuple(dict.fromkeys(named))
            told()
