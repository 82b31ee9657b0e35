"""One command on all replicas of a service, or on all nodes: the answers side by side."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import replace

from backends.api import Cluster, ExecRequest, Nodes
from backends.errors import BackendError
from backends.model import Key, Kind, Node
from tui.actions.entering import Entrance, entrances, left_out
from tui.actions.objects import name_of, node_name
from tui.details.answers import answer_rows, answers
from tui.frame import titles
from tui.headless.everywhere import ask_one
from tui.headless.results import AT_ONCE, CAP, Result, grouped
from tui.places import Place
from tui.screens.text_page import TextPage
from tui.tables.spec import Moment
from tui.text.span import BLANK, Line, line

#: What only a shell understands.
_SHELL = frozenset("|&;<>$`*?(){}[]~#\\'\"\n")
#: Seconds that a command may take on a node.
LIMIT = 30.0
#: Seconds that the tasks of the service are waited for.
LISTED = 5.0


class AllPage(TextPage):
    """Its scope is the service, or empty for all nodes; its argument the command. It runs when it is opened."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, "run on all", self._lines)
        self._ran: Place | None = None
        self._results: list[Result] = []
        self._count = 0
        self._missing: tuple[str, ...] = ()
        self._working: asyncio.Task[None] | None = None
        self._differing = False

    # What the frame tells

    def open(self, place: Place, moment: Moment) -> None:
        """Another command runs; the same one shows what it said."""
        super().open(place, moment)
        if self._ran is None or (self._ran.scope, self._ran.argument) != (place.scope, place.argument):
            self._run()

    def close(self) -> None:
        """What is under way goes on: its answers are there when one comes back."""

    def act(self, name: str, arguments: Sequence[str]) -> bool:
        """Again, another command, only what differs."""
        match name:
            case "all-again":
                self._run()
            case "all-edit":
                self.frame_screen.edit_command(f"all {self._what()} -- {self.place.argument}")
            case "all-differing":
                self._differing = not self._differing
                self._show()
            case _:
                return super().act(name, arguments)
        return True

    # What it shows

    def _what(self) -> str:
        key = self.place.scope[-1] if self.place.scope else None
        if key is None or self._moment is None:
            return "nodes"
        return shlex.quote(name_of(self._moment.snapshot, key))

    def _lines(self, moment: Moment, place: Place, width: int) -> Sequence[Line]:
        rows: list[Line] = [line(("command    ", "muted"), (place.argument, "strong bold")), BLANK]
        if self._working is not None:
            rows += [((f"asking, {len(self._results)} of {self._count} have answered", "chg"),), BLANK]
        if self._results:
            rows += answer_rows(self._results, width, differing=self._differing)
        if self._missing:
            rows += [BLANK, *(((text, "warn"),) for text in self._missing)]
        if self._working is None and not self._results:
            rows.append((("No one could be asked.", "strong bold"),))
        rows += [BLANK, (("Equal command", "strong bold"),), ((self._equal(), ""),)]
        return rows

    def _equal(self) -> str:
        if not self.place.scope:
            return f"on each node: {self.place.argument}"
        return f"dnet-tui exec --all {self._what()} -- {shlex.join(words(self.place.argument))}"

    def counted(self, moment: Moment) -> Line:
        """How many answered, and in how many ways."""
        if self.place.filter:
            return super().counted(moment)
        told_all = answers(self._results)
        different = len(grouped(told_all))
        total = self._count + len(self._missing)
        told = f"{len(told_all)} of {total} answered"
        ways = "" if different < 2 else f", {different} different answers"
        return line((told, "warn" if len(told_all) < total and self._working is None else ""), ways)

    def title(self, moment: Moment) -> Line:
        """Of a service its path; of nodes where one is."""
        if self.place.scope:
            return titles.path(moment.snapshot, self.place, "run on all")
        return (("Nodes", "muted"), (" › ", "line"), ("run on all", ""))

    # Running

    def _run(self) -> None:
        if self._working is not None:
            self._working.cancel()
        self._ran, self._results, self._missing = self.place, [], ()
        self._working = asyncio.create_task(self._ask(self.place), name="run on all")
        self._working.add_done_callback(self._ended)
        self._show()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._working is task:
            self._working = None
        if not task.cancelled() and (error := task.exception()) is not None and self.is_mounted:
            self.frame_screen.failed("run on all", error)
        if self.is_mounted:
            self._show()

    async def _ask(self, place: Place) -> None:
        cluster, gate = self.frame_screen.cluster, asyncio.Semaphore(AT_ONCE)
        snapshot, nodes = cluster.snapshot, cluster.nodes
        if place.scope:
            key = place.scope[-1]
            await tasks_of(cluster, key)
            snapshot = cluster.snapshot
            found = entrances(snapshot, key, reaching=nodes is not None)
            known = () if isinstance(found, str) else found
            left = left_out(snapshot, key, known, reaching=nodes is not None)
            self._missing = (f"{found}.",) if isinstance(found, str) else tuple(f"not asked: {why}" for why in left)
            work = [
                self._replica(cluster, one, place.argument, gate)
                for one in sorted(known, key=lambda o: (o.slot, o.name))
            ]
        else:
            members = sorted(snapshot.nodes.values(), key=lambda node: node.name)
            work = [self._node(nodes, node, place.argument, gate) for node in members] if nodes is not None else []
        self._count = len(work)
        self._results = []
        done = await asyncio.gather(*work)
        self._results = list(done)

    async def _replica(self, cluster: Cluster, one: Entrance, command: str, gate: asyncio.Semaphore) -> Result:
        request = ExecRequest(command=tuple(words(command)), tty=False, stdin=False)
        blank = Result(one.name, node_name(cluster.snapshot, one.node_id), one.key.id, one.node_id)
        return self._told(await ask_one(cluster, one.key, blank, request, gate))

    async def _node(self, nodes: Nodes, node: Node, command: str, gate: asyncio.Semaphore) -> Result:
        blank = Result(node.name, "", "", node.id)
        async with gate:
            try:
                done = await nodes.run(node.id, command, limit=LIMIT)
            except BackendError as error:
                return self._told(replace(blank, problem=str(error), worst=1))
        told = replace(
            blank, code=done.status, stdout=done.stdout[:CAP], stderr=done.stderr[:CAP], skipped=done.skipped
        )
        return self._told(replace(told, worst=done.status if done.status >= 0 else 1))

    def _told(self, result: Result) -> Result:
        self._results = [*self._results, result]
        if self.is_mounted:
            self._show()
        return result


async def tasks_of(cluster: Cluster, key: Key) -> None:
    """Waits, for a while, until the tasks of a service are listed: they say where replicas run."""
    told = asyncio.Event()
    end = cluster.subscribe(lambda _: told.set())
    try:
        async with asyncio.timeout(LISTED):
            while Kind.TASK not in cluster.snapshot.listed and key.id not in cluster.snapshot.tasks_of:
                told.clear()
                await told.wait()
    except TimeoutError:
        pass  # those whose containers are known are asked all the same
    finally:
        end()


def words(command: str) -> list[str]:
    """The words of a command; one that only a shell understands is given to ``sh``."""
    if any(character in _SHELL for character in command):
        try:
            parts = shlex.split(command)
        except ValueError:
            parts = []
        quoted = shlex.join(parts) if parts else ""
        # Quotes alone need no shell: what is left is plain words.
        if parts and quoted == command:
            return parts
        return ["sh", "-c", command]
    return command.split()
