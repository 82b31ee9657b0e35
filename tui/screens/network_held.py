"""A network that is in use: who holds it, the key that lets go beside each, what the engine said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backends.change.network_users import Holder, Holds, holders, host_name, lost, name_of, who
from backends.change.requests import NetworkRemove
from backends.errors import BackendError
from backends.model import Key, Kind, Network, Snapshot
from backends.network_survey import Survey, survey
from backends.state.wording import plural
from tui.actions.changing import request_of
from tui.details.held import held_rows
from tui.places import Place
from tui.screens.box import Button, Content
from tui.tables.spec import Moment
from tui.text.span import Line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


async def remove(screen: MainScreen, key: Key) -> None:
    """``^d`` on a network: its plan where nobody holds it, else the list of who does."""
    snapshot = screen.moment.snapshot
    network = snapshot.networks.get(key.id)
    if network is None:
        screen.say("The network is gone.", bad=True)
        return
    screen.hint("asking who is on it")
    try:
        found = await survey(screen.cluster, network.id)
    except BackendError as error:
        screen.say(f"{error} {error.hint}".strip(), bad=True)
        return
    screen.hint("")
    known = found.snapshot.networks.get(key.id, network)
    held = [h for h in holders(known, found.snapshot) if h.how not in (Holds.TASK, Holds.BALANCER, Holds.STOPPED)]
    if held:
        screen.box.open(HeldBox(screen, known, found))
        return
    request = NetworkRemove(names=(name_of(known, found.snapshot),))

    def refused(sentence: str, flag: str, original: str) -> None:
        screen.begin(again(screen, known, original or sentence), "networks")

    screen.changing.request(request, node=known.node_id, title=f"Remove {known.name}", on_refused=refused)


async def again(screen: MainScreen, network: Network, original: str) -> None:
    """The engine refused it: who holds it is looked up once more, its words are kept."""
    try:
        found = await survey(screen.cluster, network.id)
    except BackendError as error:
        screen.say(f"{original} {error}".strip(), bad=True)
        return
    known = found.snapshot.networks.get(network.id)
    if known is None:
        screen.say(f"{network.name} is gone meanwhile.")
        return
    screen.box.open(HeldBox(screen, known, found, original))


class HeldBox(Content):
    """Closes first; a number lets go of one, after its own question."""

    docked = False
    width = 122
    tone = "err"

    def __init__(self, screen: MainScreen, network: Network, found: Survey, original: str = "") -> None:
        super().__init__()
        self._screen, self._network, self._found, self._original = screen, network, found, original
        self._held = holders(network, found.snapshot)
        self._ways = [holder for holder in self._held if holder.line][:8]
        self._row = 0

    @property
    def _snapshot(self) -> Snapshot:
        return self._found.snapshot

    def title(self) -> str:
        return f"Remove {self._network.name}"

    def note(self) -> str:
        if not self._original:
            return "nothing was sent"
        return "refused by the swarm" if self._network.is_swarm else "refused by the engine"

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        network = self._network
        numbers = {id(holder): number for number, holder in enumerate(self._ways, 1)}
        here = self._ways[self._row] if self._ways else None
        return held_rows(
            self._held,
            numbers,
            here,
            cells,
            sentence=_sentence(self._held),
            missing=self._found.missing if network.is_swarm else (),
            lost=lost(network, self._snapshot),
            tried=f"docker network rm {network.name}",
            said=self._original,
            tasks=self._screen.size.height >= 34,
        )

    def buttons(self) -> Sequence[Button]:
        found = [Button("Close", "cancel")]
        if self._ways:
            found.append(Button(f"{self._row + 1}  {_verb(self._ways[self._row])}", "go"))
        return found

    def keys(self) -> Sequence[tuple[str, str]]:
        count = len(self._ways)
        pairs = [("↓ ↑", "choose")] if count > 1 else []
        pairs += [("1" if count == 1 else f"1 to {count}", "lets go")] if count else []
        return (*pairs, ("o", "goes to it"), ("n", "new network"), ("esc", "closes"))

    def press(self, key: str, character: str | None) -> bool:
        if key in ("down", "up", "j", "k") and self._ways:
            self._row = (self._row + (1 if key in ("down", "j") else -1)) % len(self._ways)
        elif character and character.isdecimal() and 0 < int(character) <= len(self._ways):
            self._row = int(character) - 1
            self._let_go(self._ways[self._row])
        elif key == "o" and self._ways:
            self._go(self._ways[self._row])
        elif key == "n":
            self._screen.box.close()
            self._screen.go(Place("form", argument="network-create"))
        else:
            return False
        return True

    def chosen(self, act: str) -> None:
        if act == "go" and self._ways:
            self._let_go(self._ways[self._row])
        else:
            self._screen.box.close()

    def _go(self, holder: Holder) -> None:
        """To the one that holds it."""
        self._screen.box.close()
        if holder.key is not None:
            self._screen.go(Place(f"{holder.key.kind.value}s", cursor=holder.key))
        else:
            self._screen.go(Place("endpoints", (self._network.key,)))

    def _let_go(self, holder: Holder) -> None:
        screen, network = self._screen, self._network
        screen.box.close()
        request = request_of(holder.line, screen.cluster.engine.api_version)
        if isinstance(request, tuple):
            screen.say(request[0].sentence, bad=True)
            return
        where = host_name(holder.node_id, self._snapshot) if holder.node_id else ""
        title = f"{_verb(holder)}{f' on {where}' if where else ''}"

        def done(_: object) -> None:
            left = len([h for h in self._held if h.how in (Holds.SERVICE, Holds.CONTAINER, Holds.STALE)]) - 1
            more = f"{plural(left, 'other')} still on {network.name}" if left > 0 else f"{network.name} can be removed"
            screen.hint(more)

        screen.changing.request(request, node=holder.node_id, title=title, on_done=done)


def _verb(holder: Holder) -> str:
    if holder.how is Holds.SERVICE:
        return f"Take it out of {holder.name}"
    return f"Detach {holder.name}"


def _sentence(held: Sequence[Holder]) -> str:
    by = who(held)
    one = by.startswith("1 ") and " and " not in by
    return f"It is in use: {by} {'holds' if one else 'hold'} it. Nothing was removed."


def is_held(original: str) -> bool:
    """Whether an engine's words mean that somebody is on a network."""
    words = original.lower()
    return "active endpoints" in words or "is in use by" in words or "network is in use" in words


__all__ = ["HeldBox", "Kind", "again", "is_held", "remove"]
