"""An app with widgets of ours and a painter, and one that is full of hostile text."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App, ComposeResult
from textual.widget import Widget

from tests.unit.table_sample import PLACE, Thing, World, by_group, errors
from tui.look.themes import install
from tui.look.tokens import Choice, palette
from tui.text.span import Line
from tui.widgets.bar import Bar, BarItem
from tui.widgets.events import EventStrip
from tui.widgets.lines import LinesView
from tui.widgets.paint import Painter
from tui.widgets.rule import TitleRule
from tui.widgets.table import ResourceTable


class WidgetApp(App[None]):
    """Shows what ``make`` returns."""

    CSS = "Bar, TitleRule { height: 1; }"

    def __init__(self, *make: Callable[[], Widget], choice: Choice | None = None, ascii: bool = False) -> None:
        choice = choice or Choice()
        super().__init__(ansi_color=choice.ansi or None)
        self._make = make
        self.painter = Painter(palette(choice), ascii)
        self.heard: list[object] = []
        install(self, choice)

    def compose(self) -> ComposeResult:
        for make in self._make:
            yield make()

    def on_resource_table_row_highlighted(self, message: ResourceTable.RowHighlighted) -> None:
        self.heard.append(("cursor", message.key and message.key.id))

    def on_resource_table_row_selected(self, message: ResourceTable.RowSelected) -> None:
        self.heard.append(("selected", message.key.id))

    def on_resource_table_sorted(self, message: ResourceTable.Sorted) -> None:
        self.heard.append(("sorted", message.column, message.reverse))

    def on_resource_table_counted(self, message: ResourceTable.Counted) -> None:
        self.heard.append(("counted", message.table.shown, message.table.total))

    def on_bar_clicked(self, message: Bar.Clicked) -> None:
        self.heard.append(("act", message.act))

    def on_title_rule_clicked(self, message: TitleRule.Clicked) -> None:
        self.heard.append(("rule", message.x))

    def on_event_strip_clicked(self, message: EventStrip.Clicked) -> None:
        self.heard.append(("event", message.index))

    def on_lines_view_clicked(self, message: LinesView.Clicked) -> None:
        self.heard.append(("line", message.index, message.x))


def screen_text(app: App[None]) -> list[str]:
    """The rows of the terminal as text, trailing blanks cut."""
    return ["".join(segment.text for segment in strip).rstrip() for strip in app.screen._compositor.render_strips()]


#: What a hostile engine might put into names, labels and errors.
HOSTILE = (
    "\x1b]52;c;aGVsbG8=\x07clipboard",
    "\x1b]0;title\x1b\\",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[Hcleared",
    "\x1b[38;5;201mpink",
    "\x1b[6n\x1b[c",
    "\x1bP+q544e\x1b\\",
    "\x9b2J\x90\x9c",
    "over\u202egnp.exe",
    "\u2066isolate\u2069",
    "zero\u200bwidth\ufeff",
    "bell\x07back\x08\x08\x7f",
    "two\r\nlines\x0b\x0c",
    "[bold red]markup[/] [@click=app.quit]x[/]",
    "\ud83d half",
    "e" + "\u0301" * 30,
    "👩\u200d👩\u200d👧 ❤\ufe0f 🇩🇪",
)


def hostile_app(choice: Choice, ascii: bool) -> WidgetApp:
    """A table, a detail, a rule, a bar and events, all full of hostile text."""
    world = World(
        *(Thing(f"h{index:02}{text}", text, text, error=text, group=text[:3]) for index, text in enumerate(HOSTILE))
    )
    lines: list[Line] = [((text, "err"), (text, "")) for text in HOSTILE]
    spec = world.spec(under=errors, group=by_group)

    class Hostile(WidgetApp):
        def on_mount(self) -> None:
            self.query_one(ResourceTable).update(world.moment())
            self.query_one(LinesView).show(lines)
            self.query_one(LinesView).search("e")
            self.query_one(EventStrip).show(lines)
            self.query_one(TitleRule).show(lines[0], lines[3])
            self.query_one(TitleRule).show(active=True)
            self.call_after_refresh(self.call_after_refresh, self.ready)

        def ready(self) -> None:
            """All else is on the screen; the word that says so comes in the next frame."""
            bar = [BarItem((*line, ("  ", ""))) for line in lines[:3]]
            self.query_one(Bar).show(bar, [BarItem((("READY", "ok"),))])

        def on_key(self) -> None:
            self.exit()

    return Hostile(
        lambda: TitleRule(),
        lambda: ResourceTable(spec, PLACE),
        LinesView,
        EventStrip,
        lambda: Bar(),
        choice=choice,
        ascii=ascii,
    )
