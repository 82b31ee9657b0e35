"""All fields of one object, as YAML or JSON, with search and with what values mean."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.geometry import Region

from backends.api import Json
from backends.errors import BackendError
from backends.model import Key
from tui.actions.objects import name_of
from tui.bridge import Frame
from tui.details.raw import Raw, render
from tui.frame import titles
from tui.frame.line_edit import LineEdit
from tui.frame.saving import save_text
from tui.look.symbols import sym
from tui.places import Place
from tui.screens.page import Page
from tui.tables.spec import Moment
from tui.text.ago import ago, number
from tui.text.span import Line
from tui.widgets.lines import LinesView
from tui.widgets.rule import TitleRule

_MOVES = {
    "cursor-down": "down",
    "cursor-up": "up",
    "cursor-first": "home",
    "cursor-last": "end",
    "page-down": "page-down",
    "page-up": "page-up",
    "scroll-left": "left",
    "scroll-right": "right",
}


class YamlPage(Page):
    """Asks the engine when it opens and whenever the object changes, so that what is shown is true."""

    def __init__(self, place: Place) -> None:
        super().__init__("yaml")
        self.place = place
        self.view = LinesView(id="text")
        self.rule = TitleRule(id="rule")
        self.lay_out(
            lambda width, height: {
                "rule": Region(0, 0, width, 1),
                "text": Region(0, 1, width, max(0, height - 1)),
            }
        )
        self._form = "yaml"
        self._document: Json = None
        self._raw = Raw("", ())
        self._read_at: float | None = None
        self._asking: asyncio.Task[None] | None = None
        self._problem = ""
        self._edit: LineEdit | None = None
        self._hits = self._hit = 0
        self._moment: Moment | None = None

    def compose(self) -> ComposeResult:
        yield self.rule
        yield self.view

    @property
    def _key(self) -> Key | None:
        return self.place.scope[-1] if self.place.scope else None

    # What the frame tells

    def open(self, place: Place, moment: Moment) -> None:
        """Another object is asked for; what was shown of one before goes."""
        if place.scope != self.place.scope or self._document is None:
            self._document, self._raw, self._problem = None, Raw("", ()), ""
        self.place, self._moment = place, moment
        self._form = "json" if place.argument == "json" else "yaml"
        self._ask()
        self._show(keep=False)
        self.set_filter(place.filter)

    def close(self) -> None:
        """An answer that is still to come is not waited for."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def frame(self, frame: Frame) -> None:
        """The object changed: it is asked for again."""
        self._moment = frame.moment
        if frame.changes is not None and self._key in frame.changes.keys:
            self._ask()

    def tick(self, now: float) -> bool:
        """How old it is."""
        if self._moment is not None:
            self._moment = replace(self._moment, now=now)
            self._show_rule()
        return False

    def _ask(self) -> None:
        self.close()
        key = self._key
        if key is not None:
            self._asking = asyncio.create_task(self._read(key), name=f"inspect {key.id[:12]}")

    async def _read(self, key: Key) -> None:
        screen = self.frame_screen
        try:
            document = await screen.cluster.inspect(key)
        except BackendError as error:
            self._problem = str(error) + (f" {error.hint}" if error.hint else "")
        else:
            self._document, self._problem = document, ""
            self._read_at = screen.session.clock()
        if self.is_mounted and key == self._key:
            self._show()

    # What the frame asks

    @property
    def targets(self) -> tuple[Key, ...]:
        """What the text is of."""
        return () if self._key is None else (self._key,)

    @property
    def filterable(self) -> bool:
        """``/`` searches."""
        return True

    @property
    def searches(self) -> bool:
        """It does."""
        return True

    def set_filter(self, text: str, edit: LineEdit | None = None) -> None:
        """Searches while it is typed."""
        changed = text != self.place.filter
        self.place = replace(self.place, filter=text)
        self._edit = edit
        self._hits = self.view.search(text)
        if changed:
            self._hit = self.view.current
        self._show_rule()

    def focus_pane(self) -> None:
        """The text has the keys."""
        self.view.focus()

    def act(self, name: str, arguments: Sequence[str]) -> bool:
        """Scrolling, searching, YAML or JSON, copying all of it."""
        if name in _MOVES:
            self.view.move(_MOVES[name])
            return True
        match name:
            case "next-match" | "previous-match":
                self._hit = self.view.step(1 if name == "next-match" else -1)
                if not self._hit:
                    self.frame_screen.hint("Nothing is found." if self.place.filter else "/ begins a search.")
                self._show_rule()
            case "toggle-json":
                self._form = "json" if self._form == "yaml" else "yaml"
                self.place = replace(self.place, argument=self._form)
                self._show(keep=False)
            case "copy-page":
                if self._raw.text:
                    self.frame_screen.copy(self._raw.text, f"{number(len(self._raw.lines))} lines")
            case "save":
                self._save(arguments)
            case _:
                return False
        return True

    def _save(self, arguments: Sequence[str]) -> None:
        moment, key = self._moment, self._key
        if moment is not None and key is not None and self._raw.text:
            name = f"{name_of(moment.snapshot, key)}.{self._form}"
            said, bad = save_text(self._raw.text, name, arguments, moment.now)
            self.frame_screen.say(said, bad=bad)

    # Words

    def _show(self, *, keep: bool = True) -> None:
        moment = self._moment
        if moment is None:
            return
        if self._document is not None:
            self._raw = render(self._document, moment.snapshot, moment.now, form=self._form)
            self.view.show(self._raw.lines, keep=keep, stale=bool(self._problem))
        elif self._problem:
            self.view.show((((self._problem, "err"),),), keep=False)
        else:
            self.view.show((((f"{sym('changing')} asking the engine", "chg"),),), keep=False)
        if self.place.filter:
            self._hits = self.view.search(self.place.filter)
        self._show_rule()

    def _show_rule(self) -> None:
        moment = self._moment
        if moment is None:
            return
        left: Line = (*titles.path(moment.snapshot, self.place, self._form),)
        left = (*left, *titles.filter_part(self.place.filter, self._edit))
        right: list[str] = []
        if self.place.filter:
            right.append(f"hit {self._hit} of {self._hits}" if self._hits else "no hit")
        if self._raw.lines:
            right.append(f"{number(len(self._raw.lines))} lines")
        if self._problem and self._document is not None:
            right.append(f"{sym('look')} {self._problem}")
        elif self._read_at is not None:
            right.append(f"read {ago(self._read_at, moment.now)}")
        self.rule.show(left, (("   ".join(right), ""),), active=True, warn=bool(self._problem))
