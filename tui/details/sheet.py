"""Builds a description: facts with labels, headed blocks, small grids; everything wrapped to a width in cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tui.details.command import command_lines
from tui.tables.spec import Moment
from tui.text.fit import cut_line, fit, line_width, wrap, wrap_line
from tui.text.span import BLANK, Line, Span, line

#: Cells from the start of a label to its value.
LABEL = 11
#: No column of a grid is made narrower than this.
_LEAST = 5


class Sheet:
    """Collects the rows of one description; blocks are parted by one blank row."""

    def __init__(self, moment: Moment, cells: int, *, full: bool = False, label: int = LABEL) -> None:
        """``full`` is the describe page: nothing is left out for brevity. ``label`` is the cells to the values."""
        self.moment = moment
        self.cells = max(cells, 20)
        self.full = full
        self.label = label
        self.rows: list[Line] = []

    @property
    def lines(self) -> tuple[Line, ...]:
        """All rows so far."""
        return tuple(self.rows)

    def fact(self, label: str, *value: str | Span | Line) -> None:
        """``label      value``, wrapped below the value. An empty value is left out."""
        row = line(*value)
        if not line_width(row):
            return
        room = max(self.cells - self.label, 8)
        for index, part in enumerate(wrap_line(row, room)):
            head = label if index == 0 else ""
            self.rows.append((*fit(((head, "muted"),), self.label - 1), (" ", ""), *part))

    def head(self, title: str, right: str | Line = "") -> None:
        """Starts a block. ``right`` stands at the end of the row, muted where it is a text."""
        self.gap()
        tail: Line = ((right, "muted"),) if isinstance(right, str) else right
        room = self.cells - line_width(tail) - (2 if line_width(tail) else 0)
        if room < line_width(((title, ""),)):
            tail, room = (), self.cells
        self.rows.append((*fit(((title, "strong bold"),), room), *((("  ", ""), *tail) if line_width(tail) else ())))

    def gap(self) -> None:
        """One blank row, unless there is one."""
        if self.rows and self.rows[-1] != BLANK:
            self.rows.append(BLANK)

    def text(self, *parts: str | Span | Line, indent: int = 0, hang: int = 0) -> None:
        """Running text; ``indent`` cells in, rows after the first ``hang`` more."""
        pad: Line = ((" " * indent, ""),) if indent else ()
        for part in wrap_line(line(*parts), max(self.cells - indent, 8), indent=hang):
            self.rows.append((*pad, *part))

    def words(self, text: str, style: str = "", indent: int = 0) -> None:
        """Text of the engine, whole, its own line breaks kept."""
        pad: Line = ((" " * indent, ""),) if indent else ()
        self.rows += [(*pad, (row, style)) for row in wrap(text, max(self.cells - indent, 8))]

    def grid(
        self, heads: Sequence[str], rows: Iterable[Sequence[Line | str]], aligns: str = "", cuts: str = ""
    ) -> None:
        """A headed block in columns; the first head is the block's title."""
        self.gap()
        self.rows += grid(heads, rows, self.cells, aligns, cuts)

    def pairs(self, label: str, values: Mapping[str, str]) -> None:
        """Labels or options, one a row; without a label they start at the margin."""
        for index, (key, value) in enumerate(sorted(values.items())):
            if label:
                self.fact(label if index == 0 else "", (f"{key}=", "muted"), value)
            else:
                self.text((f"{key}=", "muted"), value, hang=2)

    def command(self, command: str) -> None:
        """The equal command, last in every description."""
        if not command:
            return
        self.head("Equal command", ((self.moment.hint("c"), "strong bold"), (" copies", "muted")))
        self.rows += command_lines(command, self.cells)


def grid(
    heads: Sequence[str], rows: Iterable[Sequence[Line | str]], cells: int, aligns: str = "", cuts: str = ""
) -> list[Line]:
    """Columns two apart within ``cells``: the first head bold, the others faint. Columns that do not fit become
    narrower, the widest first; a last column that is flush right stands at the end."""
    body = [[((cell, ""),) if isinstance(cell, str) else cell for cell in row] for row in rows]
    title: list[Line] = [((head, "strong bold" if index == 0 else "faint"),) for index, head in enumerate(heads)]
    table = [title, *body] if any(heads) else body
    count = max((len(row) for row in table), default=0)
    sizes = [max((line_width(row[i]) for row in table if i < len(row)), default=0) for i in range(count)]
    gap = 2
    while sum(sizes) + gap * (count - 1) > cells:
        widest = max(range(count), key=lambda i: sizes[i])
        if sizes[widest] <= _LEAST:
            break
        sizes[widest] -= 1
    spare = cells - sum(sizes) - gap * (count - 1)
    if spare > 0 and count > 1 and _at(aligns, count - 1, "l") == "r":
        sizes[-2] += spare
    out: list[Line] = []
    for row in table:
        spans: list[Span] = []
        for index, cell in enumerate(row):
            if index:
                spans.append((" " * gap, ""))
            align, cut = _at(aligns, index, "l"), _at(cuts, index, "r")
            shown = cut_line(cell, sizes[index], "l" if cut == "l" else "m" if cut == "m" else "r")
            spans += fit(shown, sizes[index], "r" if align == "r" else "l")
        out.append(cut_line(tuple(spans), cells))
    return out


def _at(marks: str, index: int, default: str) -> str:
    return marks[index] if index < len(marks) and marks[index] != " " else default


def spaced(*parts: str | Span | Line, gap: int = 3) -> Line:
    """Parts of a row ``gap`` apart; empty ones are left out."""
    out: list[Span] = []
    for part in parts:
        row = line(part)
        if line_width(row):
            if out:
                out.append((" " * gap, ""))
            out += row
    return tuple(out)


def labelled(label: str, value: str | Line) -> Line:
    """``endpoint vip``: a muted word and its value."""
    return line((f"{label} ", "muted"), value)


def one_row(label: str, *value: str | Span | Line, cells: int, width: int = 10) -> Line:
    """A fact of a compact detail: one row, cut at its end."""
    return cut_line((*fit(((label, "muted"),), width), *line(*value)), cells)


def host(address: str) -> str:
    """``10.0.9.5/24`` without its prefix length."""
    return address.partition("/")[0]


def shortened(addresses: Sequence[str]) -> list[str]:
    """Addresses side by side: the first whole, of one that differs in its last part only that part: ``10.0.9.5``,
    ``.6``."""
    out: list[str] = []
    before = ""
    for address in (host(a) for a in addresses):
        start = address.rpartition(":" if ":" in address else ".")[0]
        out.append(last_octet(address) if start and start == before else address)
        before = start or before
    return out


def last_octet(address: str) -> str:
    """``.5`` of an IPv4 address, what follows the last colon (``:5``) of an IPv6 one."""
    plain = host(address)
    sign = ":" if ":" in plain else "."
    return sign + plain.rpartition(sign)[2] if plain else ""
