"""``a``: a container is connected to a network. A form in a box: fields left, what it comes to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from backends.change.network_users import host_name, seen_from
from backends.change.requests import NetworkConnect
from backends.errors import BackendError
from backends.model import Endpoint, Key, Kind, Snapshot
from backends.network_survey import Survey, survey
from tui.details.command import command_lines
from tui.forms.draw import field_rows
from tui.forms.keys import modes, press
from tui.forms.model import Form
from tui.forms.network_connect import container_of, container_text, network_of, spec_for
from tui.forms.reading import knowing, surroundings
from tui.screens.box import Button, Content
from tui.tables.spec import Moment
from tui.text.fit import fit, line_width, wrap
from tui.text.span import BLANK, Line, line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

#: From this many cells on what it comes to stands beside the fields.
_BESIDE = 96
_SIDE = 34
#: Fields whose list opens by itself where nothing stands in them yet.
_CHOSEN = frozenset({"NETWORK", "CONTAINER", "ip"})
#: Keys that go on to the first field behind the last one.
_ONWARD = frozenset({"form.next", "form.down", "form.section", "form.section-before"})
#: Rows of a screen from which on each field has a row below it.
_ROOMY = 40


class ConnectBox(Content):
    """One box for both ways: from a container, or from a network."""

    docked = False
    width = 122
    fields = 1

    def __init__(
        self, screen: MainScreen, key: Key, form: Form | None = None, taken: Sequence[tuple[str, str]] = ()
    ) -> None:
        """``form`` is the one that was refused, shown again as it was filled in; ``taken`` are (network ID, address)
        that the engine said are in use though nobody here knows by whom."""
        super().__init__()
        self._screen, self._key = screen, key
        self._taken = tuple(taken)
        self._survey: Survey | None = None
        self._asked = key.id if key.kind is Kind.NETWORK else ""
        """The network whose endpoints were asked for last."""
        if form is not None:
            self._form = form
            network = network_of(form.view)
            self._asked = network.id if network is not None else self._asked
        else:
            self._form = self._begin()
        screen.begin(self._look(), "networks")

    def _begin(self) -> Form:
        screen, key = self._screen, self._key
        snapshot = screen.moment.snapshot
        container = key.kind is Kind.CONTAINER
        spec = spec_for(key.kind, f"it was chosen in the list: esc, and a on another {key.kind.value}")
        engine = screen.cluster.engine
        form = Form(spec, screen.moment, knowing(snapshot, engine), surroundings(engine.api_version))
        form.keys = screen.keymap.own
        if container and key.id in snapshot.containers:
            form.fill({"CONTAINER": (container_text(snapshot.containers[key.id], snapshot),)}, undo=False)
        elif key.id in snapshot.networks:
            form.fill({"NETWORK": (snapshot.networks[key.id].name,)}, undo=False)
        form.go("NETWORK" if container else "CONTAINER")
        form.list_all()
        return form

    async def _look(self) -> None:
        """Who is on the networks now, on every node; until it is known the lists on screen have to do."""
        network = self._asked
        try:
            found = await survey(self._screen.cluster, network)
        except BackendError:
            return
        if network != self._asked:
            return  # another one was chosen meanwhile, and is being asked for
        self._survey = replace(found, snapshot=_with_taken(found.snapshot, self._taken))
        if self._screen.box.content is self:
            form = self._form
            self._follow(self._screen.moment)
            if self.at == 0 and form.field is not None and form.field.name in _CHOSEN and not form.edit.text:
                form.list_all()
            self._screen.box.again()

    def _follow(self, moment: Moment) -> None:
        """The form sees the cluster as the engine of the container's node does."""
        known = self._survey.snapshot if self._survey is not None else moment.snapshot
        snapshot = seen_from(known, self._node_id)
        now = self._form.moment.snapshot
        if now.containers is not snapshot.containers or now.engine is not snapshot.engine:
            self._form.moment = replace(moment, snapshot=snapshot)
            self._form.relist()

    @property
    def _node_id(self) -> str:
        """Where it is done: on the node of the container, else of the network."""
        known = self._survey.snapshot if self._survey is not None else self._screen.moment.snapshot
        if self._key.kind is Kind.CONTAINER:
            found = known.containers.get(self._key.id)
            return found.node_id if found is not None else ""
        chosen = container_of(self._form.view)
        network = known.networks.get(self._key.id)
        return chosen.node_id if chosen is not None else network.node_id if network is not None else ""

    @property
    def _away(self) -> str:
        """`` on manager-2`` where that is not the node that we are on."""
        snapshot = self._screen.moment.snapshot
        node_id = self._node_id
        return f"on {host_name(node_id, snapshot)}" if node_id not in ("", snapshot.node_id) else ""

    # What it shows

    def title(self) -> str:
        snapshot = self._screen.moment.snapshot
        if self._key.kind is Kind.CONTAINER:
            found = snapshot.containers.get(self._key.id)
            return f"Connect {found.name if found is not None else self._key.id[:12]} to a network"
        network = snapshot.networks.get(self._key.id)
        return f"Connect a container to {network.name if network is not None else self._key.id[:12]}"

    def note(self) -> str:
        return host_name(self._node_id, self._screen.moment.snapshot)

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        self._follow(moment)
        form, height = self._form, self._screen.size.height
        roomy = height >= _ROOMY
        beside = cells >= _BESIDE
        room = cells - _SIDE - 4 if beside else cells
        top: list[Line] = [BLANK] if roomy else []
        top.append((("One more interface, at once and without a restart.", ""),))
        left = [*field_rows(form, room, roomy=roomy).lines]
        if not roomy:
            left = [BLANK, *left, BLANK]
        left.append(self._sections(room))
        side = list(form.spec.side(form.view, _SIDE if beside else cells))
        if not beside:
            rows = [*top, *left]
            left_over = height - 2 - len(rows) - 4
            return [*rows, *([BLANK, *side[: max(0, left_over)]] if left_over > 3 else [])]
        count = max(len(left), len(side) + 1)
        pad = [(), *side] if roomy else side
        return [
            *top,
            *(
                line(
                    fit(left[n] if n < len(left) else (), room),
                    ("  │ ", "line"),
                    pad[n] if n < len(pad) else (),
                )
                for n in range(count)
            ),
        ]

    def _sections(self, cells: int) -> Line:
        form = self._form
        number = form.page + 1
        title = form.group.title if form.page else "more: IPv6, link-local, links, driver options"
        where = f", {number} of {len(form.groups)}" if form.page else ""
        key = form.keys.shown("form.section")
        said = line((f"{key} ", "strong bold"), (f"{title}{where}", "muted"))
        return said if line_width(said) <= cells else ((f"{key} more", "muted"),)

    def foot(self, moment: Moment, cells: int) -> Sequence[Line]:
        """The equal line, and what keeps it from being done."""
        judged = self._form.judged
        text = judged.line or "docker network connect"
        away = self._away
        rows = command_lines(text, cells - 10)[:2]
        out = [line((f"{'equals' if n == 0 else '':<10}", "muted"), row) for n, row in enumerate(rows)]
        if away:
            out[-1] = line(out[-1], (f"   {away}", "muted"))
        general = [f.sentence for f in self._form.findings if not f.flag]
        out += [((row, "err"),) for text in general[:1] for row in wrap(text, cells, limit=2)]
        return [((("─" * cells), "line"),), *out]

    def buttons(self) -> Sequence[Button]:
        return (Button("Connect", "go"), Button("Cancel", "cancel"))

    def keys(self) -> Sequence[tuple[str, str]]:
        key = self._form.keys.shown
        pairs = ((key("form.next"), "next"), (key("form.enter"), "connects"), (key("form.values"), "what there is"))
        return (*pairs, (key("form.section"), "more"), ("esc", "cancels"))

    # Keys

    def first(self, key: str, character: str | None) -> bool:
        form = self._form
        if self.at > 0:
            if key == "shift+tab" and self.at == 1:
                self.at = 0
                return True
            return False
        action = form.keys.find(key, modes(form))
        match action.id if action is not None else "":
            case "" if key in ("escape", "ctrl+c"):
                return False
            case "form.next" if form.at >= len(form.group.fields) - 1:
                form.close_list()
                self.at = 1
            case "form.enter" | "form.send":
                self._send()
            case "form.offer":
                if not form.take_offer():
                    self._screen.hint("nothing is offered at this field")
            case "form.error":
                form.next_error()
            case "form.copy":
                self._screen.copy(form.judged.line, "the docker line")
            case name:
                before = form.field
                press(form, key, character)
                if form.field is None:
                    form.to(0 if name in _ONWARD else len(form.group.fields) - 1)
                # What there is to choose from is shown where nothing stands yet.
                here = form.field
                chooses = here is not None and here is not before and here.name in _CHOSEN
                if chooses and not form.edit.text:
                    form.list_all()
        self._follow(self._screen.moment)
        self._ask_network()
        return True

    def _ask_network(self) -> None:
        """Another network was chosen: load balancers have addresses too, which only its endpoints tell."""
        network = network_of(self._form.view)
        if network is not None and network.id != self._asked:
            self._asked = network.id
            self._screen.begin(self._look(), "networks")

    def paste(self, text: str) -> None:
        """Into the field."""
        self._form.paste(text)

    def chosen(self, act: str) -> None:
        if act == "go":
            self._send()
        else:
            self._screen.box.close()
            self._screen.hint("cancelled, nothing was sent")

    def _send(self) -> None:
        form, screen = self._form, self._screen
        form.close_list()
        judged = form.judged
        if judged.missing:
            self.at = 0
            form.go(judged.missing[0])
            form.list_all()
            return
        if judged.errors or not isinstance(judged.request, NetworkConnect):
            self.at = 0
            if not form.next_error() and judged.errors:
                screen.hint(judged.errors[0].sentence)
            return
        network = network_of(form.view)
        key, node_id, taken = self._key, self._node_id, self._taken
        address = judged.request.options.text("ip")
        if network is not None and address:
            taken = (*taken, (network.id, address))
        screen.box.close()

        def refused(sentence: str, flag: str, original: str) -> None:
            form.refuse(sentence, flag, f"the engine: {original}" if original and original not in sentence else "")
            in_use = "already in use" in f"{sentence} {original}".lower()
            screen.box.open(ConnectBox(screen, key, form, taken if in_use else self._taken))

        name = network.name if network is not None else judged.request.network
        title = f"Connect {judged.request.container} to {name}"
        screen.changing.request(judged.request, node=node_id, title=title, on_refused=refused)


def _with_taken(snapshot: Snapshot, taken: Sequence[tuple[str, str]]) -> Snapshot:
    """Addresses that the engine refused are somebody's: a load balancer on a node that was not asked, mostly."""
    networks = dict(snapshot.networks)
    for network_id, address in taken:
        network = networks.get(network_id)
        if network is not None:
            end = Endpoint(container_id="", name="somebody that is not seen from here", ipv4=address)
            networks[network_id] = changed(network, endpoints=(*network.endpoints, end))
    return replace(snapshot, networks=MappingProxyType(networks)) if taken else snapshot
