"""The mapping of a node as it is edited: its draft, testing and saving. The page draws it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from backends.errors import BackendError
from backends.model import Node
from backends.ssh.target import NodeMapping, mapping_of
from backends.transport.ssh import Reach
from tui.config_nodes import ConfigRefused
from tui.details.asking import short_path
from tui.frame.line_edit import LineEdit
from tui.frame.mapping import FIELDS, Draft, draft_of, entries_for, entry, first_problem, mapping, problem
from tui.places import Place
from tui.screens.own_keys import OwnKeysPage
from tui.tables.spec import Moment


class MappingPage(OwnKeysPage):
    """What ``^t``, ``^o`` and ``^s`` do, and what they do it with. Drafts are kept as long as the program runs."""

    def __init__(self, place: Place) -> None:
        super().__init__("reach")
        self.place = place
        self._moment: Moment | None = None
        self._drafts: dict[str, Draft] = {}
        self._at = 0
        self._edit = LineEdit()
        self._on_form = True
        self._testing: asyncio.Task[None] | None = None
        self._tested: Reach | None = None

    def _show(self) -> None:
        """Draws all that may differ."""

    def _move(self, on_form: bool, at: int | None = None) -> None:
        """To the form or the story, and to a field."""

    # The node and its draft

    @property
    def node(self) -> Node | None:
        """The node, as long as it is in the Swarm."""
        key = self.place.scope[-1] if self.place.scope else None
        return self._moment.snapshot.nodes.get(key.id) if key is not None and self._moment is not None else None

    @property
    def reach(self) -> Reach | None:
        """How it is reached now."""
        node = self.node
        return self._moment.reach.get(node.id) if node is not None and self._moment is not None else None

    @property
    def saved(self) -> Draft:
        """What the configuration says."""
        node = self.node
        if node is None:
            return Draft("")
        name, found = mapping_of(self._mappings(), node.hostname, node.id)
        return draft_of(name or node.hostname or node.id, found)

    @property
    def draft(self) -> Draft:
        """What is typed."""
        node = self.node
        return self._drafts.get(node.id, self.saved) if node is not None else Draft("")

    def _mappings(self) -> dict[str, NodeMapping]:
        store = self.frame_screen.session.mappings
        return store.all() if store is not None else {}

    def _set(self, field: str, value: str, *, keep: bool = False) -> None:
        node = self.node
        if node is not None:
            self._drafts[node.id] = self.draft.with_value(field, value)
            if not keep and self._at < len(FIELDS) and FIELDS[self._at] == field:
                self._edit = LineEdit.of(value)

    def _names(self) -> Sequence[str]:
        node = self.node
        return entries_for(node.hostname or node.id, self._mappings(), self.saved.name) if node is not None else ()

    # Testing and saving

    def _try(self) -> None:
        node, nodes = self.node, self.frame_screen.cluster.nodes
        wrong = first_problem(self.draft)
        if node is None or nodes is None:
            return
        if wrong:
            self._move(True, FIELDS.index(wrong))
            self.frame_screen.hint(problem(self.draft, wrong))
            return
        self.close()
        self.frame_screen.asking.cause(node.id)
        self._tested = None
        self._testing = asyncio.create_task(self._test(node, mapping(self.draft)), name="test a mapping")
        self._testing.add_done_callback(lambda task: None if task.cancelled() else task.exception())

    async def _test(self, node: Node, wanted: NodeMapping) -> None:
        nodes = self.frame_screen.cluster.nodes
        try:
            if nodes is not None:
                self._tested = await nodes.test(node.id, wanted)
        except BackendError as error:
            self.frame_screen.failed("test", error)
        finally:
            self._testing = None
            self.frame_screen.asking.done(node.id)
        if self.is_mounted:
            self._show()

    def _take_offer(self) -> None:
        tested = self._tested or self.reach
        if tested is not None and tested.problem is not None and "sudo" in tested.problem.hint:
            self._set("sudo", "yes")
        else:
            self.frame_screen.hint("nothing is offered")

    def _save(self) -> None:
        node, screen = self.node, self.frame_screen
        draft, store = self.draft, screen.session.mappings
        if node is None or store is None:
            screen.say("There is no configuration to save to here.", bad=True)
            return
        wrong = first_problem(draft)
        if wrong:
            self._move(True, FIELDS.index(wrong))
            screen.say(problem(draft, wrong), bad=True)
            return
        if draft == self.saved:
            screen.hint("nothing is changed")
            return
        try:
            known = store.save(draft.name, mapping(draft), entry(draft))
        except ConfigRefused as error:
            screen.say(str(error), bad=True)
            return
        self._drafts.pop(node.id, None)
        nodes = screen.cluster.nodes
        if nodes is not None:
            nodes.map(known)
            screen.call("node-try", node.id)
        live = self.reach is not None and self.reach.problem is None and bool(self.reach.how)
        later = "; it counts from the next connection" if live else ""
        screen.say(f"saved {draft.name} to {short_path(str(store.path))}{later}")
