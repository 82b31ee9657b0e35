"""Somebody else changed the same object: three values side by side, and whose is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from backends.state.wording import plural
from tui.details.command import command_lines
from tui.forms.merging import Row, Side
from tui.look.symbols import sym
from tui.screens.box import Button, Content
from tui.tables.spec import Moment
from tui.text.fit import cut_line, fit
from tui.text.span import BLANK, Line, line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

#: Tells what comes of a choice: the docker line it then equals.
Equal = Callable[[Mapping[int, Side]], str]


class ConflictContent(Content):
    """Keeping the draft is the default; sending opens when each conflict has a choice."""

    docked = False
    tone = "warn"

    def __init__(
        self,
        screen: MainScreen,
        name: str,
        versions: tuple[int, int],
        rows: Sequence[Row],
        labels: Mapping[str, str],
        said: str,
        equal: Equal,
        go: Callable[[Mapping[int, Side]], None],
        keep: Callable[[], None],
    ) -> None:
        super().__init__()
        self._screen, self._name, self._versions = screen, name, versions
        self._found, self._labels, self._said = tuple(rows), labels, said
        self._equal, self._go, self._keep = equal, go, keep
        self._choices: dict[int, Side] = {}
        self._row = 0
        self.fields = 1 if self._conflicts else 0
        self.at = 0

    @property
    def _conflicts(self) -> int:
        return sum(1 for row in self._found if row.conflict)

    @property
    def _left(self) -> int:
        return self._conflicts - len(self._choices)

    def title(self) -> str:
        return f"{self._name} was changed meanwhile"

    def note(self) -> str:
        return "nothing has been sent"

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        rows: list[Line] = [
            BLANK,
            cut_line(
                line((f"{sym('look')} ", "warn"), f"Someone else has changed {self._name} since you opened it."), cells
            ),
            BLANK,
            cut_line(line(("you read    ", "muted"), f"version {self._versions[0]:,}"), cells),
            cut_line(line(("there now   ", "muted"), f"version {self._versions[1]:,}"), cells),
        ]
        if self._said:
            rows.append(cut_line(line(("swarm says  ", "muted"), self._said), cells))
        widths = _widths(cells)
        if self._conflicts:
            rows += [BLANK, _heading("Both changed", "choose one for each", cells), _row(_HEADS, widths, "faint")]
            for number, row in enumerate(self._found[: self._conflicts]):
                rows += self._conflict(number, row, widths, cells)
        others = self._found[self._conflicts :]
        if others:
            rows += [BLANK, _heading("Only one changed", "taken without asking", cells)]
            if not self._conflicts:
                rows.append(_row(_HEADS, widths, "faint"))
            for row in others:
                side = row.usual.value if row.usual is not None else ""
                rows.append(line("  ", _row((*self._cells(row), side), widths, "")))
        text = self._equal(self._choices)
        if self._left:
            note = f"{plural(self._left, 'choice')} left"
        elif not text:
            note = "nothing: there it is as you want it"
        else:
            note = ""
        rows += [BLANK, _heading("What it comes to", note if text else "", cells)]
        rows += [line("  ", row) for row in command_lines(text, cells - 2)] if text else [line("  ", (note, "muted"))]
        return rows

    def _conflict(self, number: int, row: Row, widths: Sequence[int], cells: int) -> list[Line]:
        here = self.at == 0 and number == self._row
        choice = self._choices.get(number)
        theirs, yours = self._key("theirs"), self._key("yours")
        open_ = f"?  {theirs} theirs  {yours} yours"
        open_ = open_ if widths[-1] > len(open_) else f"? {theirs} or {yours}"
        takes = f"{sym('check')} {choice.value}" if choice is not None else open_
        shown = _row((*self._cells(row), takes), widths, "strong bold" if here else "")
        base = line((sym("cursor") if here else " ", "accent"), " ", shown)
        found = [tuple((t, f"{s} on_sel") for t, s in cut_line(base, cells)) if here else base]
        if row.beside:
            text = f"two things on {row.key}: {self._key('both')} takes both, yours as {row.beside}"
            found.append(cut_line(((" " * (2 + widths[0]) + text, "muted"),), cells))
        return found

    def _cells(self, row: Row) -> tuple[str, str, str, str]:
        label = self._labels.get(row.field, row.field)
        name = f"{label} {row.key}".strip()
        read, theirs, yours = (", ".join(side) or "none" for side in (row.read, row.theirs, row.yours))
        return name, read, theirs, yours

    def buttons(self) -> Sequence[Button]:
        open_ = self._left == 0
        return (
            Button("Keep as draft", "cancel"),
            Button(f"Update {self._name}" if open_ else f"({plural(self._left, 'choice')} left)", "go"),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        return (*self._screen.keymap.own.pairs(("conflict",)), (self._screen.keymap.key("back") or "esc", "back"))

    def press(self, key: str, character: str | None) -> bool:
        action = self._screen.keymap.own.find(key, ("conflict",))
        steps = action is not None and action.id in ("conflict.down", "conflict.up")
        if action is None or (steps and not (self._conflicts and self.at == 0)):
            return False
        self._screen.run_action_spec(action)
        return True

    def _key(self, name: str) -> str:
        return self._screen.keymap.own.shown(f"conflict.{name}")

    def act(self, name: str) -> bool:
        own = self.acts.get(name)
        if own is not None:
            own()
        return own is not None

    @property
    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What its keys do, by the ids of their actions."""
        return {
            "conflict.down": lambda: self._step(1),
            "conflict.up": lambda: self._step(-1),
            "conflict.theirs": lambda: self._choose(Side.THEIRS),
            "conflict.yours": lambda: self._choose(Side.YOURS),
            "conflict.both": lambda: self._choose(Side.BOTH),
            "conflict.all-theirs": lambda: self._choose_all(Side.THEIRS),
            "conflict.all-yours": lambda: self._choose_all(Side.YOURS),
            "conflict.send": lambda: self.chosen("go"),
        }

    def _step(self, by: int) -> None:
        if self._conflicts:
            self._row = (self._row + by) % self._conflicts

    def _choose_all(self, side: Side) -> None:
        self._choices = dict.fromkeys(range(self._conflicts), side)

    def _choose(self, side: Side) -> None:
        if self._conflicts and (side is not Side.BOTH or self._found[self._row].beside):
            self._choices[self._row] = side
            self._row = next((n for n in range(self._conflicts) if n not in self._choices), self._row)

    def chosen(self, act: str) -> None:
        if act == "go" and self._left:
            ways = f"{self._key('theirs')} takes theirs, {self._key('yours')} yours"
            self._screen.hint(f"{plural(self._left, 'choice')} left: {ways}")
            self.at = 0
            return
        self._screen.box.close()
        if act == "go":
            self._go(dict(self._choices))
        else:
            self._keep()


_HEADS = ("VALUE", "YOU READ", "THERE NOW", "YOURS", "TAKES")


def _widths(cells: int) -> tuple[int, ...]:
    name = max(12, min(20, cells // 5))
    takes = 21 if cells >= 90 else 10
    rest = max(8, (cells - 4 - name - takes) // 3)
    return name, rest, rest, rest, takes


def _row(texts: Sequence[str], widths: Sequence[int], style: str) -> Line:
    out: list[Line] = []
    for number, (text, width) in enumerate(zip(texts, widths, strict=True)):
        own = style or ("" if number in (0, 4) else "muted")
        out.append((*fit(((text, own),), width - 1, cut="m" if number else "r"), (" ", "")))
    return line(*out) if style != "faint" else line("  ", *out)


def _heading(title: str, right: str, cells: int) -> Line:
    fill = max(2, cells - len(title) - len(right) - 4)
    return line((title, "strong bold"), (f" {sym('thin') * fill} ", "line"), (right, "muted"))
