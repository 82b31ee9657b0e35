"""What a form holds and where its cursor is; typing is in ``tui.forms.model``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backends.change.candidates import Candidate, Known
from backends.change.finding import Finding
from backends.change.requests import Request
from backends.change.surroundings import Surroundings
from tui.actions.form_keys import FORM_KEYS
from tui.actions.own import OwnKeys
from tui.forms import listed
from tui.forms.fields import Field, Group, Shape, all_fields, groups_of
from tui.forms.judge import Judged, judge
from tui.forms.listing import Listing
from tui.forms.spec import FormSpec, FormView, Gathered, Values
from tui.forms.values import cleaned, values_of
from tui.frame.line_edit import LineEdit
from tui.tables.spec import Moment

_KEYS = OwnKeys(FORM_KEYS)


class Filling:
    """One form. ``moment`` and ``known`` are set from outside as they change; ``judged`` follows."""

    def __init__(self, spec: FormSpec, moment: Moment, known: Known, around: Surroundings) -> None:
        self.spec, self.around = spec, around
        self.moment, self._known = moment, known
        self.gathered = Gathered()
        self.ready = spec.gather is None
        """Whether what it begins with is there."""
        self.page = self.at = self.row = 0
        """Group, field (one past the last is the button), and which of several values."""
        self.edit = LineEdit()
        self.listing: Listing | None = None
        self._wanted: bool | None = None
        """Whether a list is wanted at the cursor, also while there is nothing to offer so far; true where it was
        asked for with nothing typed."""
        self.to_make: Candidate | None = None
        """What was taken from a list and has to be made first: the page opens the form for it."""
        self.only_changed = False
        self.about = False
        """Whether what the field is for is shown below it."""
        self.finding: LineEdit | None = None
        """What a field is looked for by, while it is."""
        self.found_at = 0
        self.refused: Finding | None = None
        """What the engine said last, at its field, until that field is changed."""
        self.keys = _KEYS
        """Its keys as they are now, for what texts say of them."""
        self._raw: dict[str, tuple[str, ...]] = dict(spec.begin)
        self._undo: list[dict[str, tuple[str, ...]]] = []
        self._judged: tuple[object, Judged] | None = None
        self._enter()

    # Values

    @property
    def values(self) -> dict[str, tuple[str, ...]]:
        """What the fields hold."""
        return cleaned(self._raw)

    @property
    def saved(self) -> Values:
        """What they held as it was read, or begin with."""
        subject = self.gathered.subject
        return subject.saved if subject is not None else self.spec.begin

    @property
    def touched(self) -> bool:
        """Whether anything was filled in or changed."""
        return self.values != cleaned(self.saved)

    def changed(self, name: str) -> bool:
        """Whether a field differs from how it was read; new forms have none that do."""
        return self.spec.edits and self.values.get(name, ()) != tuple(t for t in self.saved.get(name, ()) if t)

    @property
    def filled_over(self) -> Values:
        """What the fields held before they were filled last; empty where that was nothing."""
        return cleaned(self._undo[-1]) if self._undo else {}

    def fill(self, values: Mapping[str, Sequence[str]], *, undo: bool = True) -> None:
        """Other values in all fields; ``^z`` brings the old ones back."""
        if undo and self._raw:
            self._undo.append(dict(self._raw))
        self._raw = cleaned({name: tuple(texts) for name, texts in values.items()})
        self.refused = None
        self._enter()

    def fill_request(self, request: Request) -> None:
        """The fields of a request of the form's verb."""
        self.fill(values_of(self.spec, request))

    def begin(self, gathered: Gathered) -> None:
        """What was asked for is there. A subject's values are taken where nothing was typed so far."""
        fresh = self.gathered.subject is None
        self.gathered, self.ready = gathered, not gathered.problem
        if gathered.subject is not None and fresh and not self._raw:
            self._raw = dict(gathered.subject.saved)
        if gathered.values is not None and not self._raw:
            self._raw = cleaned(gathered.values)
        self._enter()
        if fresh and self.spec.first:
            self.go(self.spec.first)

    @property
    def known(self) -> Known:
        """What completion knows."""
        gathered = self.gathered
        return replace(self._known, snapshot=self.moment.snapshot, addresses=gathered.addresses, routes=gathered.routes)

    @property
    def judged(self) -> Judged:
        """What is wrong now; worked out once for each state."""
        field = self.field
        key = (self.values, self.moment.snapshot, self.gathered, field.name if field is not None else "")
        if self._judged is None or self._judged[0] != key:
            view = FormView(
                self.spec, self.values, self.moment, self.known, None, (), self.gathered, key[3], self.around
            )
            self._judged = (key, judge(view))
        return self._judged[1]

    @property
    def view(self) -> FormView:
        """What verdicts and offers are functions of."""
        return self.judged.view

    # Where the cursor is

    @property
    def groups(self) -> tuple[Group, ...]:
        """The pages; while only what is changed is shown, one."""
        if self.only_changed:
            fields = tuple(one for one in all_fields(self.spec).values() if self.changed(one.name))
            return (Group("Only changed", fields),)
        return groups_of(self.spec)

    @property
    def group(self) -> Group:
        """The page that is shown."""
        groups = self.groups
        return groups[min(self.page, len(groups) - 1)]

    @property
    def field(self) -> Field | None:
        """The field with the cursor; ``None`` on the button."""
        fields = self.group.fields
        return fields[self.at] if self.at < len(fields) else None

    @property
    def by_rows(self) -> bool:
        """Whether several values stand in rows of their own on this page."""
        return self.page > 0 or self.only_changed

    def rows_of(self, field: Field) -> tuple[str, ...]:
        """Texts of a field's rows: one, or one for each value and, where the cursor is, one more to fill in."""
        raw = self._raw.get(field.name, ())
        if field.shape is not Shape.LIST:
            return (raw[0] if raw else "",)
        if not self.by_rows:
            return (listed.join(t for t in raw if t),)
        here = field is self.field
        return (*raw, "") if not raw or (here and raw[-1]) else raw

    def go(self, name: str, row: int = -1) -> bool:
        """To a field by name, on the page where it is seen, else on its own."""
        pages = [self.page, *range(len(self.groups))]
        for page in pages:
            names = [field.name for field in self.groups[min(page, len(self.groups) - 1)].fields]
            if name in names:
                self._leave()
                self.page, self.at = page, names.index(name)
                self._enter(row)
                return True
        if self.only_changed and name in all_fields(self.spec):
            self.only_changed = False
            return self.go(name, row)
        return False

    def turn(self, by: int) -> None:
        """To another page."""
        self._leave()
        self.only_changed = False
        self.page = (self.page + by) % len(self.groups)
        self.at = 0
        self._enter(0)

    def open_page(self, number: int) -> None:
        """To a page by its number."""
        if 0 <= number < len(self.groups):
            self.turn(number - self.page)

    def to(self, at: int, row: int = 0) -> None:
        """To a field of the page by its number; one past the last is the button."""
        self._leave()
        self.at = max(0, min(at, len(self.group.fields)))
        self._enter(row)

    def move(self, by: int, *, rows: bool = False) -> None:
        """To the next field or the one before, round the end; ``rows`` stops at each value of several."""
        field = self.field
        if rows and field is not None and 0 <= self.row + by < len(self.rows_of(field)):
            self._keep()
            self.row += by
            self._enter(self.row)
            return
        count = len(self.group.fields) + 1
        self._leave()
        self.at = (self.at + by) % count
        self._enter(-1 if by < 0 and rows else 0)

    def _leave(self) -> None:
        """Empty values go when the cursor leaves their field."""
        self._keep()
        field = self.field
        if field is not None and field.name in self._raw:
            texts = tuple(text for text in self._raw[field.name] if text)
            if texts:
                self._raw[field.name] = texts
            else:
                del self._raw[field.name]
        self.about = False

    def close_list(self) -> None:
        """No list, until something is typed or it is asked for."""
        self.listing, self._wanted = None, None

    def _keep(self) -> None:
        self.close_list()

    def _enter(self, row: int = 0) -> None:
        """The text of the field at the cursor is the one being typed."""
        self.close_list()
        self.at = min(self.at, len(self.group.fields))
        field = self.field
        if field is None:
            self.row, self.edit = 0, LineEdit()
            return
        rows = self.rows_of(field)
        self.row = len(rows) - 1 if row < 0 else min(row, len(rows) - 1)
        self.edit = LineEdit.of(rows[self.row])
