"""What a list has on its screen, line by line: model, scrolling and rendered rows brought together. No Textual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from backends.model import Key
from tui.places import Place
from tui.tables.model import Delta, TableModel
from tui.tables.spec import TableSpec
from tui.text.fit import cut_line, line_width, wrap_line
from tui.text.span import Line, Span, restyle
from tui.widgets import rows
from tui.widgets.sheet import Scroll, Sheet

#: A line of the screen and the style below it.
Painted = tuple[Line, str]

#: Seconds a changed cell stays loud.
LOUD = 1.0
#: Seconds after which a row with nothing that moves is looked at again, at most.
SLOWEST = 15.0
#: From this width on a heading has a blank line above it, where rows have several lines.
AIRY = 100

_NO_SPAN: Span = (" ", "")
_NO_CELLS: frozenset[int] = frozenset()
_BARS = 8


@dataclass(frozen=True, slots=True)
class View:
    """How the list is drawn."""

    focused: bool = False
    stale: bool = False
    connecting: bool = False
    notice: Sequence[Line] = ()
    filter_text: str = ""
    hint: str = ""
    """What the filter could have said, where nothing matches."""
    loud: str = "bold"
    """Attribute of cells that changed a moment ago."""


class Listing:
    """One list on a screen of ``width`` × ``height`` cells: a head, the rows, pinned lines at the foot."""

    def __init__(self, spec: TableSpec[Any], place: Place) -> None:
        self.spec = spec
        self.model: TableModel[Any] = TableModel(spec, place)
        self.sheet = Sheet()
        self.scroll = Scroll()
        self.slots: tuple[rows.Slot, ...] = ()
        self.width = self.height = 0
        self.rendered = 0
        self.moved_by_hand = False
        """Whether the cursor was ever moved: an untouched list stays at its start."""
        self._wide = False
        self._opened: Key | None = None
        """The row that was laid out with the lines below it, where only the one under the cursor has them."""
        self._blocks: dict[Key, rows.Block] = {}
        self._before: dict[Key, rows.Block] = {}
        self._under: dict[Key, int] = {}
        self._loud: dict[Key, tuple[frozenset[int], float]] = {}
        self._pace: dict[Key, tuple[float, float]] = {}
        self._headings: dict[int, tuple[Line, ...]] = {}
        self._foot: tuple[Line, ...] = ()

    # Size and rows

    def resize(self, width: int, height: int, wide: bool) -> None:
        """Another size, or wide columns on or off."""
        if (width, wide) != (self.width, self._wide):
            self._blocks.clear()
            self._under.clear()
            self.slots = rows.place_columns(self.spec, width, wide)
        self.width, self.height, self._wide = width, height, wide
        self.relay(self.anchor())
        self.reveal()

    def anchor(self) -> tuple[Key | None, int]:
        """What stays where it is on the screen: the cursor's row if it is seen, else the first row that is."""
        model, scroll = self.model, self.scroll
        if not self.moved_by_hand and scroll.top == 0:
            return None, 0
        index = model.index(model.cursor)
        if index >= 0 and index < self.sheet.count:
            line = self.sheet.top(index) - scroll.top
            if 0 <= line < max(scroll.height, 1):
                return model.cursor, line
        first, _ = self.sheet.at(scroll.top)
        if 0 <= first < len(model.order):
            return model.order[first], self.sheet.top(first) - scroll.top
        return None, 0

    def changed(self, delta: Delta, anchor: tuple[Key | None, int]) -> None:
        """The model was updated; ``anchor`` is from before."""
        if delta.everything:
            self._before, self._blocks = self._blocks, {}
            self._under.clear()
            if len(self._pace) > 1000:
                self._pace.clear()
        else:
            for key in delta.rows:
                block = self._blocks.pop(key, None)
                if block is not None:
                    self._before[key] = block
                self._pace.pop(key, None)
        if delta.everything or delta.moved or self._taller(delta):
            self.relay(anchor)
        else:
            self._pin_foot()

    def relay(self, anchor: tuple[Key | None, int]) -> None:
        """Counts lines anew and keeps the anchor on its line of the screen as far as that goes."""
        model, spec = self.model, self.spec
        self._pin_foot()
        air = self.width >= AIRY and spec.under is not None
        self._headings = {at: rows.heading_lines(text, air and at > 0) for at, text in model.headings()}
        above = {at: len(lines) for at, lines in self._headings.items()}
        self.sheet.lay(len(model.order), above, self._sizes())
        key, line = anchor
        index = model.index(key)
        if index >= 0:
            self.scroll.top = self.sheet.top(index) - line
        elif not self.moved_by_hand and key is None:
            self.scroll.top = 0
        self.scroll.clamp(self.sheet.lines)

    def _taller(self, delta: Delta) -> bool:
        """Whether a changed row has another number of lines."""
        if self.spec.under is None:
            return False
        known = self._under
        before = {key: known.pop(key, None) for key in delta.rows}
        return any(self._count_under(key) != before[key] for key in before if self.model.shows(key))

    def _count_under(self, key: Key) -> int:
        moment = self.model.moment
        assert moment is not None
        lines = rows.under_lines(self.spec, self.model.rows[key], moment, self.slots, self.width)
        under = self._under[key] = len(lines)
        return under

    def _is_open(self, key: Key) -> bool:
        """Whether the lines below a row are shown."""
        return key == self.model.cursor or not rows.opens(self.spec, self.width)

    def _sizes(self) -> list[int] | None:
        """How many lines each row has of its own; ``None``: one each."""
        if self.spec.under is None:
            return None
        known, order = self._under, self.model.order
        for key in order:
            if key not in known:
                self._count_under(key)
        self._opened = self.model.cursor
        return [1 + (known[key] if self._is_open(key) else 0) for key in order]

    def _pin_foot(self) -> None:
        moment, foot = self.model.moment, self.spec.footer
        room = max(1, self.width - rows.LEFT - rows.RIGHT)
        lines = foot(moment, self.model.place, room) if foot is not None and moment is not None else ()
        pinned = [(("  ", ""), *cut_line(line, room)) for line in lines]
        most = max(0, self.height // 3)
        if 0 < most < len(pinned):
            # Nothing is left out unsaid.
            pinned[most - 1 :] = [(("  ", ""), (f"and {len(pinned) - most + 1} more", "muted"))]
        self._foot = tuple(pinned[:most])
        self.scroll.height = max(0, self.height - 1 - len(self._foot))

    def reveal(self) -> None:
        """Scrolls as little as possible so that the cursor's row is seen whole, with the heading above it."""
        if self._opened != self.model.cursor and rows.opens(self.spec, self.width):
            self.relay(self.anchor())
        index = self.model.index(self.model.cursor)
        if 0 <= index < self.sheet.count:
            self.scroll.reveal(self.sheet.start(index), self.sheet.end(index))
            self.scroll.clamp(self.sheet.lines)

    def row_at(self, y: int) -> Key | None:
        """The row on a line of the screen."""
        if not 1 <= y <= self.scroll.height:
            return None
        index, line = self.sheet.at(self.scroll.top + y - 1)
        return self.model.order[index] if 0 <= index < len(self.model.order) and line >= 0 else None

    # Rendering

    def visible(self) -> range:
        """Indices of the rows on the screen."""
        count = len(self.model.order)
        if not count or not self.scroll.height:
            return range(0)
        first = max(0, self.sheet.at(self.scroll.top)[0])
        last = self.sheet.at(self.scroll.top + self.scroll.height - 1)[0]
        return range(first, (count if last < 0 else last + 1))

    def _block(self, key: Key, clock: float) -> rows.Block:
        block = self._blocks.get(key)
        if block is None:
            block = self._render(key)
            before = self._before.get(key)
            if before is not None:
                which = rows.changed_cells(before, block)
                if which:
                    old = self._loud.get(key)
                    if old is not None and old[1] > clock:
                        which |= old[0]
                    self._loud[key] = (which, clock + LOUD)
        return block

    def _render(self, key: Key) -> rows.Block:
        moment = self.model.moment
        assert moment is not None
        self.rendered += 1
        block = rows.render(self.spec, self.model.rows[key], moment, self.slots, self.width)
        self._blocks[key] = block
        return block

    def tick(self, now: float) -> bool:
        """Looks at visible rows again for what time changes, each at its own pace; answers whether any differs."""
        model = self.model
        if model.moment is None:
            return False
        anchor = self.anchor()
        model.moment = replace(model.moment, now=now)
        differs = taller = False
        for index in self.visible():
            key = model.order[index]
            due, step = self._pace.get(key, (0.0, 0.5))
            old = self._blocks.get(key)
            if old is None or due > now:
                continue
            new = self._render(key)
            if new == old:
                self._blocks[key] = old
                step = min(step * 2, SLOWEST)
            else:
                differs, step = True, 1.0
                if len(new.under) != len(old.under):
                    self._under[key] = len(new.under)
                    taller = True
            self._pace[key] = (now + step, step)
        if taller:
            self.relay(anchor)
        else:
            self._pin_foot()
        return differs or taller

    def quiet(self, clock: float) -> float | None:
        """Forgets cells whose second is over; answers when the next one is."""
        for key in [key for key, (_, until) in self._loud.items() if until <= clock]:
            del self._loud[key]
        return min((until for _, until in self._loud.values()), default=None)

    def screen(self, view: View, clock: float) -> list[Painted]:
        """All lines from the head to the foot. Rows that were rendered before are not rendered again."""
        body: list[Painted]
        head: Line = ()
        if view.notice:
            body = self._notice(view.notice)
        elif view.connecting and not self.model.order:
            head = rows.head_line(self.slots, self.model.sort, self._upwards())
            body = [(rows.skeleton_line(self.slots, row), "") for row in range(min(_BARS, self.scroll.height))]
        elif not self.model.order:
            body = self._empty(view)
        else:
            head = rows.head_line(self.slots, self.model.sort, self._upwards())
            body = self._rows(view, clock)
        self._before.clear()
        del body[self.scroll.height :]
        body += [((), "")] * (self.scroll.height - len(body))
        out = [(head, ""), *body, *[(line, "") for line in self._foot]]
        if view.stale:
            out = [(restyle(line, "muted"), base) for line, base in out]
        return out[: self.height]

    def _upwards(self) -> bool:
        model = self.model
        column = next((one for one in self.spec.columns if one.id == model.sort), None)
        return column is not None and (column.descending == model.reverse)

    def _rows(self, view: View, clock: float) -> list[Painted]:
        model, sheet, scroll = self.model, self.sheet, self.scroll
        if len(self._blocks) > 512 and len(self._blocks) > 4 * scroll.height:
            keep = {model.order[index] for index in self.visible()}
            self._blocks = {key: block for key, block in self._blocks.items() if key in keep}
        shift = " " * rows.under_room(self.spec, self.slots, self.width)[0]
        out: list[Painted] = []
        first_line = scroll.top
        for index in self.visible():
            key = model.order[index]
            block = self._block(key, clock)
            current = key == model.cursor
            base, bar, name = "", _NO_SPAN, ""
            if current:
                base = "on_sel" if view.focused else "on_selx"
                bar = ("▌", "accent" if view.focused else "muted")
                name = "strong bold" if view.focused else ""
            mark = ("◆", "accent") if key in model.marks else _NO_SPAN
            loud = self._loud.get(key)
            which = loud[0] if loud is not None and loud[1] > clock else _NO_CELLS
            lines: list[Painted] = [(line, "") for line in self._headings.get(index, ())]
            lines.append((rows.first_line(block, bar, mark, name, view.loud, which), base))
            for line in block.under if self._is_open(key) else ():
                lines.append(((bar, (shift[1:], ""), *line), base))
            out += lines[first_line - sheet.start(index) :] if not out else lines
        return out

    def _empty(self, view: View) -> list[Painted]:
        """Why there are no rows, in the middle."""
        here, moment = self.spec.empty_here, self.model.moment
        title, hint = (here(moment) if here is not None and moment is not None else None) or self.spec.empty
        hidden = len(self.model.rows)
        if hidden:
            what = f"{hidden:,} {'is' if hidden == 1 else 'are'} hidden"
            if view.filter_text:
                title = f"Nothing matches /{view.filter_text}."
                hint = "  ".join(filter(None, (view.hint, f"{what[:1].upper()}{what[1:]}; esc clears the filter.")))
            elif self.model.faults:
                title, hint = "Nothing is wrong here.", f"{what}; f2 shows all."
            else:
                title, hint = "Nothing to show.", f"{what}."
        lines: list[Line] = []
        for text, style in ((title, "strong bold"), ("", ""), (hint, "muted")):
            for line in wrap_line(((text, style),), max(10, self.width - 4)):
                lines.append(((" " * max(0, (self.width - line_width(line)) // 2), ""), *line))
        top = max(0, (self.scroll.height - len(lines)) // 3)
        return [((), "")] * top + [(line, "") for line in lines]

    def _notice(self, notice: Sequence[Line]) -> list[Painted]:
        body: list[Painted] = []
        for line in notice:
            for part in wrap_line(line, max(10, self.width - rows.LEFT - rows.RIGHT)):
                body.append(((("  ", ""), *part), ""))
        return body
