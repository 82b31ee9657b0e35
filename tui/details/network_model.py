"""The container network model drawn with what is here: controller, driver, network, endpoint, sandbox. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backends.model import Network
from backends.state.relations import relations
from tui.details.endpoint import EndpointRow, endpoints_of
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.clean import clean
from tui.text.fit import cut_text, width, wrap_line
from tui.text.span import BLANK, Line, line

#: Cells of the labels left of the drawing.
_LABELS = 17
#: Narrower than this there is no room for boxes.
LEAST = 64

_LEVELS: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (0, "controller", ("one in each", "engine")),
    (4, "driver", ("owns networks,", "does the work")),
    (8, "network", ("who may talk", "to whom")),
    (12, "endpoint", ("an interface",)),
    (15, "sandbox", ("the net of one", "container")),
)
_ROWS = 18


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One sandbox with its endpoint; or a remark where a network has none."""

    address: str
    name: str

    @property
    def cells(self) -> int:
        return max(width(self.name) + 4, width(self.address) + 2, 11)


@dataclass(frozen=True, slots=True)
class _Branch:
    """One network with its leaves."""

    network: str
    leaves: tuple[_Leaf, ...]

    @property
    def cells(self) -> int:
        return max(sum(leaf.cells for leaf in self.leaves) + len(self.leaves) - 1, min(width(self.network), 18) + 4)


@dataclass(frozen=True, slots=True)
class _Tree:
    """One driver with its networks."""

    driver: str
    branches: tuple[_Branch, ...]

    @property
    def cells(self) -> int:
        return max(sum(b.cells for b in self.branches) + 2 * (len(self.branches) - 1), width(self.driver) + 4)


class _Canvas:
    """Cells that are drawn on; a wide character takes two."""

    def __init__(self, columns: int, rows: int) -> None:
        self._columns = columns
        self._cells: list[list[tuple[str, str]]] = [[(" ", "")] * columns for _ in range(rows)]

    def text(self, x: int, y: int, text: str, style: str = "") -> None:
        for char in text:
            size = max(width(char), 1)
            if not 0 <= x <= self._columns - size:
                return
            self._cells[y][x] = (char, style)
            for extra in range(1, size):
                self._cells[y][x + extra] = ("", style)
            x += size

    def box(self, x: int, y: int, cells: int, text: str, style: str, edge: str) -> None:
        inner = cells - 2
        shown = cut_text(clean(text), max(inner - 2, 1), "m")
        left = (inner - width(shown)) // 2
        self.text(x, y, "╭" + "─" * inner + "╮", edge)
        self.text(x, y + 1, "│", edge)
        self.text(x + 1 + left, y + 1, shown, style)
        self.text(x + cells - 1, y + 1, "│", edge)
        self.text(x, y + 2, "╰" + "─" * inner + "╯", edge)

    def wire(self, x: int, top: int, bottom: int, style: str) -> None:
        """A line from the box that ends in row ``top`` to the one that starts in row ``bottom``."""
        self.text(x, top, "┬", style)
        for y in range(top + 1, bottom):
            self.text(x, y, "│", style)
        self.text(x, bottom, "┴", style)

    def lines(self) -> list[Line]:
        out: list[Line] = []
        for row in self._cells:
            spans: list[tuple[str, str]] = []
            for char, style in row:
                if spans and spans[-1][1] == style:
                    spans[-1] = (spans[-1][0] + char, style)
                else:
                    spans.append((char, style))
            out.append(tuple(spans))
        return out


def model_lines(moment: Moment, cells: int, driver: str = "") -> tuple[Line, ...]:
    """The drawing and its explanation at a width; what belongs to ``driver`` is in the accent."""
    out: list[Line] = []
    if cells >= LEAST:
        out += _drawing(moment, cells, driver)
        out.append(BLANK)
    for paragraph in _words():
        out += [(("  ", ""), *row) for row in wrap_line(paragraph, max(cells - 4, 20))]
        out.append(BLANK)
    return tuple(out[:-1])


def _words() -> tuple[Line, ...]:
    b = "bold"
    return (
        line(
            "The ",
            ("controller", b),
            " is asked for a place on a ",
            ("network", b),
            "; the ",
            ("driver", b),
            " of that network makes an ",
            ("endpoint", b),
            " and puts it into the ",
            ("sandbox", b),
            " of the container: its interfaces, routes and DNS. A sandbox holds one endpoint per network, and two "
            "containers meet only where both have one on the same network.",
        ),
    )


#: Drivers in the order they are drawn; where not all fit, those behind give way first.
_ORDER = ("overlay", "bridge", "macvlan", "host", "ipvlan")
#: How many networks of a driver are drawn, and how many sandboxes of each: from little to much.
_SIZES: tuple[tuple[int, ...], ...] = ((1,), (2,), (2, 1), (2, 2))


def _trees(moment: Moment, room: int, driver: str) -> list[_Tree]:
    """Drivers with networks that are here: first one network of each that fits, then more of ``driver`` (else of
    the first) as long as there is room."""
    by_driver: dict[str, list[Network]] = {}
    known = relations(moment.snapshot)
    for network in moment.snapshot.networks.values():
        if not network.config_only and network.driver not in ("null", ""):
            by_driver.setdefault(network.driver, []).append(network)
    for members in by_driver.values():
        members.sort(
            key=lambda n: (
                n.ingress or n.name == "docker_gwbridge",
                -len(known.services_on(n)) - len(known.containers_in(n)),
                n.name,
            )
        )

    def grown(name: str, size: tuple[int, ...]) -> _Tree:
        chosen = by_driver[name][: len(size)]
        return _Tree(name, tuple(_Branch(n.name, _leaves(n, moment, k)) for n, k in zip(chosen, size, strict=False)))

    def place(name: str) -> int:
        return _ORDER.index(name) if name in _ORDER else len(_ORDER)

    trees: dict[str, _Tree] = {}
    left = room
    for name in sorted(by_driver, key=lambda d: (d != driver, place(d), d)):
        # Two sandboxes on one network are what the picture is about: the first driver gets them.
        for size in (_SIZES[1], _SIZES[0]) if not trees else _SIZES[:1]:
            tree = grown(name, size)
            need = tree.cells + (2 if trees else 0)
            if need <= left:
                trees[name] = tree
                left -= need
                break
    for name in sorted(trees, key=lambda d: (d != driver, place(d), d))[:1]:
        for size in _SIZES[2:]:
            tree = grown(name, size)
            # A network on which nobody is shows nothing.
            if all(leaf.address for b in tree.branches for leaf in b.leaves) and tree.cells - trees[name].cells <= left:
                left -= tree.cells - trees[name].cells
                trees[name] = tree
    return [trees[name] for name in sorted(trees, key=lambda d: (place(d), d))]


def _leaves(network: Network, moment: Moment, most: int) -> tuple[_Leaf, ...]:
    if network.driver == "host":
        return (_Leaf("", "the node"),)
    rows = [r for r in endpoints_of(network, moment.snapshot) if not r.balancer and r.ipv4]
    picked: dict[str, EndpointRow] = {}
    for row in sorted(rows, key=lambda r: not r.service_id):
        picked.setdefault(row.service_id or row.name, row)
    leaves = tuple(_Leaf(r.ipv4, cut_text(clean(r.name), 15, "m")) for r in list(picked.values())[:most])
    return leaves or (_Leaf("", "nobody"),)


#: What the daemon does; the longest that fits.
_DAEMON = (
    "dockerd on each node: keeps the list, calls the drivers",
    "dockerd on each node: calls the drivers",
    "dockerd on each node",
)


def _drawing(moment: Moment, cells: int, driver: str) -> list[Line]:
    canvas = _Canvas(cells, _ROWS)
    for y, name, words in _LEVELS:
        canvas.text(2, y, name, "strong bold")
        for index, word in enumerate(words):
            canvas.text(2, y + 1 + index, word, "muted")
    room = cells - _LABELS - 2
    trees = _trees(moment, room, driver)
    if not trees:
        canvas.text(_LABELS, 5, "No network is known yet.", "muted")
        return canvas.lines()
    total = sum(t.cells for t in trees) + 2 * (len(trees) - 1)
    top = max(total, 24)
    canvas.box(_LABELS, 0, top, next((words for words in _DAEMON if width(words) + 4 <= top), _DAEMON[-1]), "", "line")
    x = _LABELS
    for tree in trees:
        _tree(canvas, tree, x, "accent" if tree.driver == driver else "line", tree.driver == driver)
        x += tree.cells + 2
    return canvas.lines()


def _tree(canvas: _Canvas, tree: _Tree, x: int, edge: str, own: bool) -> None:
    name = "accent bold" if own else ""
    spans = _spread(tree.cells, [b.cells for b in tree.branches], 2)
    canvas.box(x, 4, tree.cells, tree.driver, name, edge)
    canvas.wire(x + tree.cells // 2, 2, 4, edge)
    for branch, (start, size) in zip(tree.branches, spans, strict=True):
        left = x + start
        canvas.box(left, 8, size, branch.network, name, edge)
        canvas.wire(left + size // 2, 6, 8, edge)
        leaves = _spread(size, [leaf.cells for leaf in branch.leaves], 1)
        for leaf, (offset, leaf_cells) in zip(branch.leaves, leaves, strict=True):
            _leaf(canvas, leaf, left + offset, leaf_cells, edge, own)


def _leaf(canvas: _Canvas, leaf: _Leaf, x: int, cells: int, edge: str, own: bool) -> None:
    middle = x + cells // 2
    if not leaf.address:
        # A network without a sandbox of its own: nothing hangs below it but a remark.
        canvas.text(middle, 11, sym("gap"), "line")
        canvas.text(x + max((cells - width(leaf.name)) // 2, 0), 13, leaf.name, "muted")
        return
    canvas.text(middle, 10, "┬", edge)
    canvas.text(middle, 11, "│", edge)
    canvas.text(middle, 12, sym("ok"), "accent" if own else "muted")
    canvas.text(x + max((cells - width(leaf.address)) // 2, 0), 13, leaf.address, "" if own else "muted")
    canvas.text(middle, 14, "│", edge)
    canvas.box(x, 15, cells, leaf.name, "" if own else "muted", edge)
    canvas.text(middle, 15, "┴", edge)


def _spread(cells: int, sizes: Sequence[int], gap: int) -> list[tuple[int, int]]:
    """Where parts of these sizes start within ``cells``, and how wide they are; a single part takes all."""
    spare = cells - sum(sizes) - gap * (len(sizes) - 1)
    out: list[tuple[int, int]] = []
    at = 0
    for index, size in enumerate(sizes):
        more = spare // len(sizes) + (1 if index < spare % len(sizes) else 0)
        out.append((at, size + max(more, 0)))
        at += size + max(more, 0) + gap
    return out
