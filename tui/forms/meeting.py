"""A form whose object somebody else changed meanwhile: what comes together, and what it would then equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backends.change.outcome import Outcome
from tui.forms.fields import Shape, all_fields
from tui.forms.judge import judge
from tui.forms.merging import Row, Side, rows, taken
from tui.forms.model import Form
from tui.forms.spec import Subject


@dataclass(frozen=True, slots=True)
class Meeting:
    """The object as it is there now, and every value that differs."""

    subject: Subject
    rows: tuple[Row, ...]


def meeting(form: Form, outcome: Outcome) -> Meeting | None:
    """What came together; ``None`` where the form cannot tell."""
    was, merge = form.gathered.subject, outcome.merge
    if form.spec.rebase is None or was is None or merge is None:
        return None
    targets = outcome.retry.targets if outcome.retry is not None else ()
    subject = form.spec.rebase(form.view, merge.theirs, targets[0].version if targets else 0)
    lists = [field.name for field in all_fields(form.spec).values() if field.shape is Shape.LIST]
    return Meeting(subject, rows(was.saved, subject.saved, form.values, lists))


def equals(form: Form, found: Meeting, choices: Mapping[int, Side]) -> str:
    """The docker line that both changes together come to, on what is there now."""
    values = taken(found.subject.saved, found.rows, choices)
    gathered = replace(form.gathered, subject=found.subject)
    view = replace(form.view, values=values, gathered=gathered, request=None, findings=(), memo={})
    return "" if values == dict(found.subject.saved) else judge(view).line
