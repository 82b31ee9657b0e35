"""How one node is reached, and the mapping that says so: edited, tested, saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.geometry import Region

from backends.api import Interest
from backends.model import Key, Kind
from tui.bridge import Frame
from tui.details.mapping import Form, form_rows, story_rows
from tui.frame import titles
from tui.frame.interest import ALWAYS
from tui.frame.layout import Layout
from tui.frame.line_edit import LineEdit
from tui.frame.mapping import FIELDS, SUDO
from tui.places import Place
from tui.screens.reach_saving import MappingPage
from tui.screens.text_page import MOVES
from tui.tables.spec import Moment
from tui.text.span import Line, line
from tui.widgets.lines import LinesView
from tui.widgets.rule import TitleRule
from tui.widgets.vline import VLine

#: From this width on the form stands beside the story of the node.
BESIDE = 120
#: Rows of the form that are worth their place where it stands above the story.
FORM_ROWS = 18


class ReachPage(MappingPage):
    """The place's last step is the node. Drafts are kept as long as the program runs."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.rule = TitleRule(id="story-rule")
        self.story = LinesView(id="story")
        self.line = VLine(id="reach-line")
        self.form_rule = TitleRule(id="form-rule")
        self.form = LinesView(id="form")
        self.lay_out(self.regions)
        self._begins: list[int] = []
        """The first row of each field, and of the button."""

    def compose(self) -> ComposeResult:
        yield self.rule
        yield self.story
        yield self.line
        yield self.form_rule
        yield self.form

    def regions(self, width: int, height: int) -> dict[str, Region]:
        """Beside each other, or the form above the story."""
        if width >= BESIDE:
            right = min(76, max(54, width * 2 // 5))
            left = width - right - 1
            self.line.show({0: "┬"})
            return {
                "story-rule": Region(0, 0, left, 1),
                "story": Region(0, 1, left, height - 1),
                "reach-line": Region(left, 0, 1, height),
                "form-rule": Region(left + 1, 0, right, 1),
                "form": Region(left + 1, 1, right, height - 1),
            }
        form = max(3, min(FORM_ROWS, height - 5))
        return {
            "form-rule": Region(0, 0, width, 1),
            "form": Region(0, 1, width, form),
            "story-rule": Region(0, 1 + form, width, 1),
            "story": Region(0, 2 + form, width, max(0, height - form - 2)),
        }

    # What the frame tells

    def open(self, place: Place, moment: Moment) -> None:
        """Another node, or the same one again."""
        if place.scope != self.place.scope or self._moment is None:
            self.place, self._moment = place, moment
            self._at, self._on_form, self._tested = 0, True, None
            self._edit = LineEdit.of(self.draft.value(FIELDS[0]))
        self.place, self._moment = place, moment
        self._show()

    def frame(self, frame: Frame) -> None:
        """How it is reached may be another now."""
        self._moment = frame.moment
        changes = frame.changes
        if changes is None or changes.links or changes.keys:
            self._show()

    def tick(self, now: float) -> bool:
        """Ages in the story."""
        if self._moment is None:
            return False
        before = self.story.lines
        self._moment = replace(self._moment, now=now)
        self._show()
        return self.story.lines != before

    def adapt(self, shape: Layout) -> None:
        """Another size."""
        super().adapt(shape)
        self.divide()
        self.call_after_refresh(self._show)

    def close(self) -> None:
        """A test that is under way is not waited for."""
        if self._testing is not None:
            self._testing.cancel()
            self._testing = None

    # What the frame asks

    @property
    def pane(self) -> str:
        """``form`` takes the keys of typing, ``text`` is the story."""
        return "form" if self._on_form else "text"

    @property
    def targets(self) -> tuple[Key, ...]:
        """The node."""
        return self.place.scope[-1:]

    @property
    def interest(self) -> Interest:
        """Its engine: that is what is reached."""
        return Interest(ALWAYS | {Kind.ENGINE})

    def focus_pane(self) -> None:
        """Keys come through the screen; the focus scrolls."""
        (self.form if self._on_form else self.story).focus()

    def footer(self, width: int) -> Line | None:
        """The keys of the form; of the story, where one does not type, those of the node with them."""
        if self._on_form:
            return self.own_row(width)
        key = self.frame_screen.keymap.key
        told = [(key("pane.next"), "to the form"), (key("node.try"), "try now"), (key("node.keys"), "host keys")]
        told += [(key("shell.node"), "shell there"), (key("reach.save") if width >= 100 else "", "save")]
        return line(" ", titles.keys(*told, (key("help"), "help"), (key("back"), "back")))

    def act(self, name: str, arguments: Sequence[str]) -> bool:
        """Its own keys, scrolling and panes."""
        if super().act(name, arguments):
            return True
        if name in MOVES:
            self.story.move(MOVES[name])
        elif name in ("next-pane", "previous-pane"):
            self._move(not self._on_form)
        else:
            return False
        return True

    # Keys

    @property
    def modes(self) -> tuple[str, ...]:
        """The fields, or the story of the node."""
        if self.node is None:
            return ()
        return ("reach.form", "reach") if self._on_form else ("reach",)

    @property
    def typing(self) -> bool:
        """Whether a field has the keys."""
        return self._on_form and self.node is not None

    @property
    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What its keys do, by the ids of their actions."""
        return {
            "reach.next": self._next,
            "reach.previous": lambda: self._move(True, max(0, self._at - 1)),
            "reach.down": lambda: self._move(True, min(self._at + 1, len(FIELDS))),
            "reach.enter": self._enter,
            "reach.try": self._try,
            "reach.save": self._save,
            "reach.as-saved": self._as_saved,
            "reach.offer": self._take_offer,
            "reach.story-down": lambda: self.story.move("page-down"),
            "reach.story-up": lambda: self.story.move("page-up"),
        }

    def _next(self) -> None:
        if self._at < len(FIELDS):
            self._move(True, self._at + 1)
        else:
            self._move(False)

    def _enter(self) -> None:
        if self._at < len(FIELDS):
            self._move(True, self._at + 1)
        else:
            self._save()

    def _as_saved(self) -> None:
        if self._at < len(FIELDS):
            self._set(FIELDS[self._at], self.saved.value(FIELDS[self._at]))

    def pressed(self) -> None:
        """Whatever it was, it may show."""
        self._show()

    def paste(self, text: str) -> bool:
        """Pasted text goes to the field."""
        if not self._on_form or self._at >= len(FIELDS) or FIELDS[self._at] in ("sudo", "name"):
            return False
        self._edit = self._edit.insert(text.strip())
        self._set(FIELDS[self._at], self._edit.text, keep=True)
        self._show()
        return True

    def type_key(self, key: str, character: str | None) -> bool:
        """Types, or chooses where nothing is typed; a key that does neither means nothing here."""
        if not self.typing or key == "escape":
            return False
        field = FIELDS[self._at] if self._at < len(FIELDS) else ""
        if field in ("sudo", "name"):
            if key in ("left", "right", "space"):
                options = SUDO if field == "sudo" else self._names()
                step = -1 if key == "left" else 1
                now = self.draft.value(field)
                at = options.index(now) if now in options else 0
                self._set(field, options[(at + step) % len(options)])
        elif field:
            changed = self._edit.key(key, character)
            if changed is not None:
                self._edit = changed
                self._set(field, changed.text, keep=True)
        return True

    def _move(self, on_form: bool, at: int | None = None) -> None:
        self._on_form = on_form
        if at is not None:
            self._at = at
            if at < len(FIELDS):
                self._edit = LineEdit.of(self.draft.value(FIELDS[at]))
        self.focus_pane()
        self._show()
        self.frame_screen.focus_moved()

    # Drawing

    def _show(self) -> None:
        moment, node = self._moment, self.node
        if moment is None or not self.ready:
            return
        left = titles.path(moment.snapshot, self.place, "reach")
        self.rule.show(left, (), active=not self._on_form)
        if node is None:
            self.story.show([(("The node has left the Swarm.", "strong bold"),)])
            self.form.show(())
            self.form_rule.show((("Mapping", ""),), (), active=False)
            return
        trying = f"trying {node.name} with this draft" if self._testing is not None else ""
        width = max(20, self.story.text_width)
        self.story.show(story_rows(node, self.reach, self._tested, trying, moment, width))
        reach, draft, saved = self.reach, self.draft, self.saved
        target = reach.link.target if reach is not None and reach.link is not None else None
        if target is None and reach is not None and reach.targets:
            target = reach.targets[0]
        store = self.frame_screen.session.mappings
        form = Form(
            draft,
            saved,
            self._at,
            self._edit,
            self._names(),
            str(store.path) if store is not None else "",
            self._on_form,
            target,
            node.hostname,
            self.frame_screen.keymap.own.shown("reach.save"),
        )
        rows, begins = form_rows(form, max(30, self.form.text_width))
        self.form.show(rows)
        self._begins = begins
        self.form.reveal(min(begins[self._at] + 1, len(rows) - 1))
        self.form.reveal(begins[self._at])
        count = sum(draft.value(field) != saved.value(field) for field in FIELDS)
        note: Line = ((f"draft, {count} changed", ""),) if count else (("as saved", "muted"),)
        self.form_rule.show(((f"Mapping of {node.name}", ""),), note, active=self._on_form)

    def on_lines_view_resized(self, message: LinesView.Resized) -> None:
        """Another width."""
        message.stop()
        self._show()

    def on_lines_view_clicked(self, message: LinesView.Clicked) -> None:
        """A click on a field moves there."""
        message.stop()
        if message.view is self.form:
            at = sum(begin <= message.index for begin in self._begins) - 1
            self._move(True, max(0, at))
        else:
            self._move(False)
