"""Services by networks: who is on which network, and who can reach whom. Pure, with a cursor of its own."""

from __future__ import annotations

from collections.abc import Sequence

from backends.model import Key, Network, Service
from backends.state.health import network_health
from backends.state.relations import relations
from backends.state.wording import listing
from tui.details.network import addresses, flags
from tui.details.sheet import Sheet, host, last_octet, spaced
from tui.look.symbols import sym
from tui.tables.spec import Detail, Moment
from tui.text.fit import cut_line, fit, width, wrap
from tui.text.span import BLANK, Line, Span, line

#: Cells of one network's column, the gap behind it included.
COLUMN = 13
#: Rows of the head: name and kind of the networks.
HEAD = 2
#: Services named on "cannot meet" in a pane before they are counted.
_NAMED = 4

_STEPS = {"up": -1, "down": 1, "page-up": -10, "page-down": 10, "half-up": -5, "half-down": 5}


class TopologyModel:
    """The matrix with a cursor on a service and a network. Feed it with :meth:`update`, draw :meth:`lines`."""

    def __init__(self) -> None:
        self.moment: Moment | None = None
        self.services: tuple[Service, ...] = ()
        """Rows, by name."""
        self.networks: tuple[Network, ...] = ()
        """Columns: the routing mesh, then networks in use by name, then those that nobody uses."""
        self.row = 0
        self.column = 0
        self.filter = ""
        self._top = 0
        self._left = 0

    def update(self, moment: Moment) -> None:
        """The new state; the cursor stays on its service and network."""
        at, across = self.service, self.network
        self.moment = moment
        self._choose()
        self.row = _index([s.id for s in self.services], at.id if at else "", self.row)
        self.column = _index([n.id for n in self.networks], across.id if across else "", self.column)

    def filter_by(self, text: str) -> None:
        """Keeps services whose name or one of whose networks has ``text`` in it (``!`` turns it round)."""
        self.filter = text.strip()
        if self.moment is not None:
            self.update(self.moment)

    def _choose(self) -> None:
        assert self.moment is not None
        snapshot = self.moment.snapshot
        known = relations(snapshot)
        wanted, turned = self.filter.removeprefix("!").lower(), self.filter.startswith("!")
        services = sorted(snapshot.services.values(), key=lambda s: (s.name, s.id))
        if wanted:
            services = [
                s
                for s in services
                if turned
                is not (wanted in s.name.lower() or any(wanted in n.name.lower() for n in known.networks_of(s)))
            ]
        used = {n.id: n for s in services for n in known.networks_of(s)}
        idle = [n for n in snapshot.networks.values() if n.is_swarm and n.id not in used and not wanted]
        self.services = tuple(services)
        self.networks = (
            *sorted(used.values(), key=lambda n: (not n.ingress, n.name, n.id)),
            *sorted((n for n in idle if not n.config_only), key=lambda n: (n.name, n.id)),
        )

    # Cursor

    @property
    def service(self) -> Service | None:
        """The service under the cursor."""
        return self.services[self.row] if self.row < len(self.services) else None

    @property
    def network(self) -> Network | None:
        """The network under the cursor."""
        return self.networks[self.column] if self.column < len(self.networks) else None

    @property
    def target(self) -> Key | None:
        """What actions act on: the service."""
        return self.service.key if self.service else None

    def move(self, step: str) -> bool:
        """``up down page-up page-down half-up half-down home end left right``; whether the cursor moved."""
        before = (self.row, self.column)
        if step in _STEPS:
            self.row = max(0, min(self.row + _STEPS[step], len(self.services) - 1))
        elif step in ("home", "end"):
            self.row = 0 if step == "home" else max(0, len(self.services) - 1)
        elif step in ("left", "right"):
            self.column = max(0, min(self.column + (1 if step == "right" else -1), len(self.networks) - 1))
        return before != (self.row, self.column)

    def move_to(self, key: Key) -> bool:
        """Puts the cursor on a service or network; ``False`` where it is not shown."""
        for index, service in enumerate(self.services):
            if service.key == key:
                self.row = index
                return True
        for index, network in enumerate(self.networks):
            if network.key == key:
                self.column = index
                return True
        return False

    # Pictures

    def lines(self, cells: int, height: int) -> tuple[Line, ...]:
        """The matrix in ``height`` rows of ``cells`` cells, scrolled so that the cursor is in sight."""
        if self.moment is None:
            return ()
        if not self.services:
            return _nothing(bool(self.filter), cells)
        names = max(12, min(24, max(width(s.name) for s in self.services) + 1, cells // 3))
        room = max(1, (cells - 2 - names) // COLUMN)
        rows = max(1, height - HEAD)
        self._left = _scrolled(self._left, self.column, room, len(self.networks))
        self._top = _scrolled(self._top, self.row, rows, len(self.services))
        shown = self.networks[self._left : self._left + room]
        out = [*self._head(shown, names, cells)]
        near = {n.id for n in self._networks_of(self.service)} if self.service else set()
        for index in range(self._top, min(self._top + rows, len(self.services))):
            out.append(self._row(index, shown, names, cells, near))
        return tuple(cut_line(row, cells) for row in out)

    def _networks_of(self, service: Service | None) -> tuple[Network, ...]:
        assert self.moment is not None
        return relations(self.moment.snapshot).networks_of(service) if service else ()

    def _head(self, shown: Sequence[Network], names: int, cells: int) -> tuple[Line, Line]:
        first: list[Span] = [("  ", ""), (fit("SERVICE", names), "muted")]
        second: list[Span] = [("  ", ""), (fit(f"{sym('ok')} .5 end of its VIP", names), "faint")]
        for offset, network in enumerate(shown):
            here = self._left + offset == self.column
            first += [(fit(network.name, COLUMN - 1), "accent bold" if here else ""), (" ", "")]
            second += [(fit(_kind(network), COLUMN - 1), "faint"), (" ", "")]
        right = len(self.networks) - self._left - len(shown)
        if right:
            first[-1] = (sym("more"), "accent")
        if self._left:
            first[0] = (f" {'<' if self.moment and self.moment.ascii else '◂'}", "accent")
        return tuple(first), tuple(second)

    def _row(self, index: int, shown: Sequence[Network], names: int, cells: int, near: set[str]) -> Line:
        service = self.services[index]
        here = index == self.row
        on = {n.id for n in self._networks_of(service)}
        vips = {v.network_id: host(v.address) for v in service.virtual_ips}
        own = here or bool(on & near - {n.id for n in self.networks if n.ingress})
        parts: list[Span] = [
            (sym("cursor") if here else " ", "accent" if here else ""),
            (" ", ""),
            (fit(service.name, names, cut="m"), "strong bold" if here else ""),
        ]
        for network in shown:
            if network.id not in on:
                parts.append((fit("·", COLUMN), "line"))
                continue
            tone = "accent" if own and network.id in near else ""
            said = last_octet(vips[network.id]) if network.id in vips else _without(service)
            parts += [(sym("ok"), tone), (fit(f" {said}", COLUMN - 1), "muted")]
        row = tuple(parts)
        if here:
            return tuple((text, f"{style} on_sel".strip()) for text, style in fit(row, cells))
        return row

    def detail(self, cells: int) -> Detail | None:
        """Whom the service under the cursor can reach, and who reaches it."""
        if self.moment is None or self.service is None:
            return None
        return reach_detail(self.service, self.moment, cells)


def reach_detail(service: Service, moment: Moment, cells: int) -> Detail:
    """Whom a service can reach, whom it cannot meet, and who reaches it."""
    snapshot = moment.snapshot
    known = relations(snapshot)
    networks = [n for n in known.networks_of(service) if not n.ingress]
    reach = known.reaches(service)
    ids = {r.service.id for r in reach} | {service.id}
    others = sorted(s.name for s in snapshot.services.values() if s.id not in ids)
    ports = [p for p in service.ports if p.published]
    sheet = Sheet(moment, cells)
    told = [*(r.service.name for r in reach), *others[:_NAMED], "the outside"]
    names = min(max(width(name) for name in told) + 2, max(cells // 2, 12))
    for other in reach:
        sheet.text(_line(True, other.service.name, f"over {listing([n.name for n in other.networks])}", names), hang=2)
    out = [n for n in networks if not n.internal]
    if out or not networks:
        way = "through docker_gwbridge" if out else "through the bridge of its node"
        sheet.text(_line(True, "the outside", way, names), hang=2)
    else:
        sheet.text(_line(False, "the outside", "all its networks are internal", names), hang=2)
    sheet.head("cannot meet")
    for name in others[:_NAMED]:
        sheet.text(_line(False, name, "no network in common", names), hang=2)
    if len(others) > _NAMED:
        sheet.text(_line(False, f"{len(others) - _NAMED} more", "no network in common", names), hang=2)
    if not others:
        sheet.text(("nobody: it shares a network with every service", "muted"))
    sheet.head("reached by")
    for other in reach:
        sheet.text(_line(True, other.service.name, f"over {listing([n.name for n in other.networks])}", names), hang=2)
    for port in ports:
        where = "every node" if port.mode == "ingress" else "the nodes that run a task"
        sheet.text(_line(True, "the outside", f"{port.published}/{port.protocol} on {where}", names), hang=2)
    if not reach and not ports:
        sheet.text(("nobody", "muted"))
    notes = _notes(service, networks, moment)
    if notes:
        sheet.gap()
        for note in notes:
            sheet.text(note, hang=2)
    command = f"docker service inspect --pretty {service.name}"
    return Detail(
        f"{service.name} can reach",
        sheet.lines,
        _compact(service, reach_names(service, moment), others, moment, cells),
        command,
    )


def reach_names(service: Service, moment: Moment) -> list[str]:
    """``mysql over myoverlaynetwork``, for each service it can reach."""
    return [
        f"{r.service.name} over {listing([n.name for n in r.networks])}"
        for r in relations(moment.snapshot).reaches(service)
    ]


def _notes(service: Service, networks: Sequence[Network], moment: Moment) -> list[Line]:
    notes: list[Line] = []
    if any(n.ingress for n in relations(moment.snapshot).networks_of(service)):
        notes.append((("ingress carries published ports only; two services do not meet there.", "muted"),))
    for network in networks:
        use = addresses(network, moment.snapshot)
        if network_health(network, use).word in ("filling", "failing"):
            said = (
                f" {network.name} is nearly full: {use.used} of {use.size}"
                if use.size
                else f" {network.name} has no subnet"
            )
            notes.append(line((sym("look"), "warn"), said))
    return notes


def _compact(service: Service, names: list[str], others: list[str], moment: Moment, cells: int) -> tuple[Line, ...]:
    sheet = Sheet(moment, cells)
    reached = [line((sym("check"), "ok"), f" {name}") for name in names[:6]]
    more = line((f"and {len(names) - 6} more", "muted")) if len(names) > 6 else BLANK
    sheet.text(spaced(*reached, more) if reached else (f"{service.name} shares a network with no service", "muted"))
    if others:
        sheet.text((f"{sym('ended')} no network in common with {listing(others, most=4)}", "muted"), hang=2)
    ports = [
        f"{p.published} on {'every node' if p.mode == 'ingress' else 'its nodes'}" for p in service.ports if p.published
    ]
    if ports:
        sheet.text((sym("check"), "ok"), f" reached from outside: {listing(ports, most=6)}", hang=2)
    return sheet.lines[:6]


def _line(good: bool, name: str, how: str, names: int) -> Line:
    symbol: Span = (sym("check"), "ok") if good else (sym("ended"), "muted")
    return line(symbol, " ", fit(line(name), names - 2, cut="m"), "  ", (how, "muted"))


def _kind(network: Network) -> str:
    if network.driver != "overlay":
        return network.driver
    return flags(network).partition(" ")[0] if not network.ingress else "routing mesh"


def _without(service: Service) -> str:
    return "dnsrr" if service.endpoint_mode == "dnsrr" else ""


def _index(ids: Sequence[str], wanted: str, before: int) -> int:
    if wanted in ids:
        return ids.index(wanted)
    return max(0, min(before, len(ids) - 1))


def _scrolled(first: int, cursor: int, room: int, count: int) -> int:
    """The first row or column shown so that the cursor is in sight and no room is wasted."""
    first = min(first, max(0, count - room))
    if cursor < first:
        return cursor
    return max(first, cursor - room + 1)


def _nothing(filtered: bool, cells: int) -> tuple[Line, ...]:
    bold, said = (
        ("Nothing matches the filter.", "esc clears it.")
        if filtered
        else (
            "No services in this swarm yet.",
            "docker service create --network NAME IMAGE makes one that is on a network.",
        )
    )
    rows = [(bold, "strong bold")] + [(row, "muted") for row in wrap(said, max(cells - 2, 8))]
    return (BLANK, *(cut_line(line("  ", row), cells) for row in rows))
