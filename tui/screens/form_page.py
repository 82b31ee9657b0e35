"""One form: sections left, fields, what the cluster says to them right, the equal docker line below."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult

from backends.api import Interest
from backends.model import Key, Kind
from tui.actions.objects import name_of
from tui.bridge import Frame
from tui.forms.draw import Drawn, about_rows, field_rows, needs_line
from tui.forms.frame import button_row, equal_rows, find_rows, section_rows
from tui.forms.model import Form
from tui.forms.reading import knowing, surroundings
from tui.forms.registry import asked, form
from tui.forms.spec import Gathered
from tui.frame import titles
from tui.frame.interest import ALWAYS
from tui.frame.layout import Layout
from tui.places import Place
from tui.screens.form_errand import closed, opened
from tui.screens.form_layout import BESIDE, ROOMY, SECTIONS, regions
from tui.screens.form_sending import Draft
from tui.screens.form_taking import FormTaking
from tui.tables.spec import Moment
from tui.text.ago import clock
from tui.text.fit import wrap
from tui.text.span import BLANK, Line, line
from tui.widgets.lines import LinesView
from tui.widgets.rule import TitleRule
from tui.widgets.vline import VLine

_KINDS = frozenset(
    {Kind.SERVICE, Kind.NETWORK, Kind.NODE, Kind.SECRET, Kind.CONFIG, Kind.VOLUME, Kind.IMAGE, Kind.TASK}
)
#: Those of them that are worth judging the form anew for; what tasks do is looked at with the next key.
_LOOKED = _KINDS - {Kind.TASK}


class FormPage(FormTaking):
    """The place's argument is the form's id, with a docker line behind it where one fills it; its scope is what it
    is about. Drafts are kept as long as the program runs."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.rule = TitleRule(id="form-title")
        self.sections = LinesView(id="form-sections", margin=0)
        self.fields = LinesView(id="form-fields", margin=0)
        self.side = LinesView(id="form-side", margin=1)
        self.lines = (VLine(id="form-line-left"), VLine(id="form-line-right"))
        self.equal_rule = TitleRule(id="form-equal-rule")
        self.equal = LinesView(id="form-equal", margin=0)
        self.lay_out(regions)
        self._drawn = Drawn((), (), (0, 0))

    def compose(self) -> ComposeResult:
        yield self.rule
        yield self.sections
        yield self.lines[0]
        yield self.fields
        yield self.lines[1]
        yield self.side
        yield self.equal_rule
        yield self.equal

    @property
    def wide(self) -> bool:
        """Whether all three columns are seen."""
        return self.size.width >= BESIDE

    # What the frame tells

    def open(self, place: Place, moment: Moment) -> None:
        """A new form, or the draft of one."""
        name, filled = asked(place)
        self._moment, opens = moment, place
        key = (self.frame_screen.session.context, name, place.scope)
        self.place = replace(place, argument=name)
        if key != self._key or self.form is None or filled:
            self.keep_draft()
            self._key = key
            self._begin(name, filled)
        opened(self.frame_screen, opens, self.form)
        self._show()

    def _begin(self, name: str, filled: str) -> None:
        moment = self._moment
        assert moment is not None
        draft = self.drafts.pop(self._key, None)
        if draft is not None:
            self.form, self._since = draft.form, draft.when
            self.form.keys = self.frame_screen.keymap.own
            self.form.moment = moment
            self.form.relist()
            if filled:
                self.fill_line(filled)
            return
        self._since = 0.0
        engine = self.frame_screen.cluster.engine
        known = knowing(moment.snapshot, engine)
        self.form = Form(form(name), moment, known, surroundings(engine.api_version))
        self.form.keys = self.frame_screen.keymap.own
        self.begin_gathering()
        if filled:
            self.fill_line(filled)

    def frame(self, frame: Frame) -> None:
        """What is known of the cluster has changed."""
        self._moment = frame.moment
        if self.form is not None:
            self.form.moment = frame.moment
            changes = frame.changes
            kinds = changes.kinds | {key.kind for key in changes.keys} if changes is not None else _LOOKED
            if kinds & _LOOKED or (changes is not None and changes.links):
                self.form.relist()
                self._show()

    def close(self) -> None:
        """The draft is kept."""
        self.keep_draft()
        closed(self.frame_screen)

    def keep_draft(self) -> None:
        """Puts what is filled in aside; opening the form again finds it."""
        if self.form is not None and (self.form.touched or self.sending):
            now = self._moment.now if self._moment is not None else 0.0
            self.drafts[self._key] = Draft(self.form, self._since or now)
        self.form = None

    def adapt(self, shape: Layout) -> None:
        """Another size."""
        super().adapt(shape)
        self._show()

    # What the frame asks

    @property
    def pane(self) -> str:
        """Fields are typed in: no key means anything else."""
        return "form"

    @property
    def targets(self) -> tuple[Key, ...]:
        """What it is about."""
        return self.place.scope[-1:]

    @property
    def interest(self) -> Interest:
        """What its checks and completions are made of."""
        return Interest(_KINDS | ALWAYS)

    def focus_pane(self) -> None:
        """The fields have the keys."""
        self.fields.focus()

    def _scroll(self, step: str) -> None:
        (self.side if self.wide or self._aside else self.fields).move(step)

    # Drawing

    def _show(self) -> None:
        moment, current = self._moment, self.form
        if moment is None or current is None or not self.ready or not self.size.width:
            return
        with self.app.batch_update():
            self._show_title(current, moment)
            self._show_fields(current)
            foot = regions(self.size.width, self.size.height)["form-equal"]
            cells = max(20, self.size.width - 3)
            rows = [line("  ", row) for row in equal_rows(current, cells - 2, max(1, foot.height - 2))]
            rows += [BLANK] * (foot.height - 1 - len(rows))
            button = button_row(current, self.frame_screen.session.mark, self.sending, self.size.width)
            self.equal.show([*rows, button])
            keys = titles.keys((self._key_of("copy"), "copies"), (self._key_of("text"), "edits as text"))
            joints = dict.fromkeys(self._edges(), "┴") if self.wide else {}
            self.equal_rule.show((("Equal command", "strong bold"),), keys, active=False, joints=joints)
            if self.wide:
                self.sections.show(section_rows(current, SECTIONS))
                self._show_side(current, self.side)
        self.frame_screen.focus_moved()

    def _edges(self) -> tuple[int, int]:
        """Columns of the two lines between the panes."""
        left, right = (regions(*self.size)[f"form-line-{side}"].x for side in ("left", "right"))
        return left, right

    def _key_of(self, name: str) -> str:
        return self.frame_screen.keymap.own.shown(f"form.{name}")

    def _show_title(self, current: Form, moment: Moment) -> None:
        spec = current.spec
        if self.wide:
            left = titles.path(moment.snapshot, replace(self.place, argument=""), spec.title)
            if not self.place.scope:
                left = titles.path(moment.snapshot, replace(self.place, argument=spec.title), spec.view.capitalize())
            note = (
                f"draft of {clock(self._since, moment.now)}  {self._key_of('anew')} begins anew   "
                if self._since
                else ""
            )
            back = self.frame_screen.keymap.key("back")
            send = line((self._key_of("send"), ""), f" {spec.button.lower()}   ")
            right = line((note, "accent"), send, (back, ""), " leave, keeps a draft")
        else:
            step = (" › ", "line")
            name = name_of(moment.snapshot, self.place.scope[-1]) if self.place.scope else ""
            head = line((name, "muted"), step) if name else ()
            left = line(head, (spec.title, "muted"), step, (current.group.title, ""))
            number = f"{current.page + 1} of {len(current.groups)}   {self._key_of('section')} next"
            anew = f"draft  {self._key_of('anew')} anew   "
            right = line((anew, "accent") if self._since else "", (number, ""))
        self.rule.show(left, right, active=True)

    def _show_fields(self, current: Form) -> None:
        cells = max(30, self.fields.size.width - 2)
        if self._aside and not self.wide:
            self._show_side(current, self.fields)
            return
        if current.finding is not None:
            rows, at = find_rows(current, cells)
            self.fields.show(rows)
            self.fields.reveal(at)
            return
        drawn = field_rows(current, cells, roomy=self.size.height >= ROOMY)
        self._drawn = drawn
        self.fields.show([*drawn.lines, *([BLANK] if not self.wide else []), *self._foot(current, cells)])
        self.fields.reveal(drawn.here[1])
        self.fields.reveal(drawn.here[0])

    def _foot(self, current: Form, cells: int) -> list[Line]:
        if current.page and not current.only_changed:
            return []
        rows = [needs_line(current)]
        subject = current.gathered.subject
        note = current.gathered.note or (subject.note if subject is not None else "")
        for part in filter(None, note.split("\n")):
            rows += [line(" ", (row, "faint")) for row in wrap(part, cells - 2)]
        return rows

    def _show_side(self, current: Form, view: LinesView) -> None:
        cells = max(20, view.size.width - 4)
        rows: list[Line] = [BLANK] if self.wide else []
        rows += current.spec.side(current.view, cells)
        field = current.field
        if field is not None:
            rows += [BLANK, ((field.label, "strong bold"),), *about_rows(current, field, cells)]
        view.show(rows if self.wide else [line(" ", row) for row in rows])

    def on_lines_view_resized(self, message: LinesView.Resized) -> None:
        """Another width."""
        message.stop()
        self._show()

    def on_lines_view_clicked(self, message: LinesView.Clicked) -> None:
        """A click on a field goes there, on a section opens it, on the button presses it."""
        message.stop()
        current = self.form
        if current is None:
            return
        if message.view is self.sections:
            current.open_page(message.index - 1)
        elif message.view is self.equal and message.index == len(self.equal.lines) - 1:
            current.to(len(current.group.fields))
            self.send()
        elif message.view is self.fields and current.finding is None:
            spot = next((s for s in reversed(self._drawn.spots) if s.row <= message.index), None)
            if spot is not None:
                current.to(spot.at, spot.number)
        self._show()

    def filled(self, gathered: Gathered) -> None:
        """What was asked when it opened is there."""
        if self.form is not None:
            self.form.begin(gathered)
            self._show()
