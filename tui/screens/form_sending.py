"""What a form does beside being typed: asked for when it opens, filled from lines, sent, refused, kept as a draft."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backends.change.line import render
from backends.change.requests import Request
from tui.forms.fields import all_fields
from tui.forms.meeting import Meeting, equals, meeting
from tui.forms.merging import Side, taken
from tui.forms.model import Form
from tui.forms.registry import BY_WORDS, form, form_place
from tui.forms.spec import Gathered
from tui.forms.values import Pasted, pasted_line
from tui.places import Place
from tui.screens.form_conflict import ConflictContent
from tui.screens.form_errand import aside, finished, make_network
from tui.screens.own_keys import OwnKeysPage
from tui.tables.spec import Moment

if TYPE_CHECKING:
    from backends.change.outcome import Outcome
    from backends.model import Key

DraftKey = tuple[str, str, "tuple[Key, ...]"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that was left."""

    form: Form
    when: float


_RPC = re.compile(r"(?:rpc error: code = \w+ desc = )+")


def bare_words(original: str) -> str:
    """The engine's words without the wrapping of its calls, in small letters, to see whether a sentence has them."""
    return _RPC.sub("", original).strip().rstrip(".").lower()


#: How often an edit is put on what is there now without asking, where no field of it was changed.
_TRIES = 3


class FormActs(OwnKeysPage):
    """Base of the page; see :class:`tui.screens.form_page.FormPage`."""

    def __init__(self, place: Place) -> None:
        super().__init__("form")
        self.place = place
        self.form: Form | None = None
        self.drafts: dict[DraftKey, Draft] = {}
        self.sending = ""
        """What is under way, as a sentence part; empty where nothing is."""
        self._key: DraftKey = ("", "", ())
        self._since = 0.0
        self._moment: Moment | None = None
        self._tries = 0
        self._waiting: Request | None = None
        """A line that fills the form once what it edits is read."""
        self._turn = 0
        """Counts what was begun: an answer to an earlier form means nothing to this one."""

    def _show(self) -> None:
        raise NotImplementedError

    def filled(self, gathered: Gathered) -> None:
        """What was asked when it opened is there."""
        raise NotImplementedError

    # What is asked when it opens

    def begin_gathering(self, *, again: bool = False) -> None:
        """Asks what the form needs beside the snapshot."""
        current = self.form
        if current is None or current.spec.gather is None:
            if again:
                self.frame_screen.hint("this form reads nothing beside the cluster")
            return
        self._turn += 1
        self.frame_screen.begin(self._gather(current, self._turn), "form")

    async def _gather(self, current: Form, turn: int) -> None:
        assert current.spec.gather is not None
        gathered = await current.spec.gather(self.frame_screen.cluster, self.place.scope)
        if turn != self._turn or current is not self.form:
            return
        self.filled(gathered)
        waiting, self._waiting = self._waiting, None
        if waiting is not None and gathered.subject is not None:
            self._fill_edit(current, waiting)
            self._show()

    # Lines

    def fill_line(self, text: str) -> bool:
        """Fills a form from a docker line: this one, or the one of its verb. ``False`` where it is no such line."""
        current = self.form
        pasted = pasted_line(text, current.around if current is not None else None)
        if current is None or pasted is None:
            return False
        if pasted.request is None:
            self.frame_screen.say(f"{pasted.errors[0].sentence} {pasted.errors[0].instead}".strip(), bad=True)
            return True
        if current.spec.fill is not None and self._fill_edit(current, pasted.request):
            return True
        if pasted.words == current.spec.verb.words and not current.spec.edits:
            current.fill_request(pasted.request)
            self._done_instead("filled in from the line")
            return True
        return self._other_form(pasted, text)

    def _fill_edit(self, current: Form, request: Request) -> bool:
        """Takes a line about the same object into an edit; waits where that is not read yet."""
        spec = current.spec
        key = spec.key_of(request, current.moment.snapshot) if spec.key_of is not None else None
        if spec.fill is None or key is None or key not in self.place.scope:
            return False
        if current.gathered.subject is None:
            self._waiting = request
            return True
        found = spec.fill(current.view, request)
        if isinstance(found, str):
            self.frame_screen.say(found, bad=True)
        else:
            current.fill(found)
            self._done_instead("filled in from the line")
        return True

    def _done_instead(self, what: str) -> None:
        """Says what became of the form, and which key takes that back."""
        self.frame_screen.hint(f"{what}; {self.frame_screen.keymap.key('form.as-read')} brings back what was there")

    def _other_form(self, pasted: Pasted, text: str) -> bool:
        name = BY_WORDS.get(pasted.words)
        if name is None:
            self.frame_screen.say(f"docker {' '.join(pasted.words)} has no form: paste it at the : line.", bad=True)
            return True
        spec, key = form(name), None
        if spec.key_of is not None and pasted.request is not None:
            key = spec.key_of(pasted.request, self.frame_screen.cluster.snapshot)
            if key is None:
                self.frame_screen.say(f"{pasted.request.arguments[0]} is not there.", bad=True)
                return True
        self.frame_screen.go(form_place(name, key, render(pasted.request) if pasted.request is not None else text))
        return True

    def copy_line(self) -> None:
        """Copies the equal line."""
        current = self.form
        text = current.judged.line if current is not None else ""
        if text:
            self.frame_screen.copy(text, "the docker line")
        else:
            self.frame_screen.hint("there is no line yet")

    def edit_as_text(self) -> None:
        """The equal line goes to the command line."""
        current = self.form
        if current is not None and current.judged.line:
            self.frame_screen.edit_command(current.judged.line)

    def anew(self) -> None:
        """Empties the form, or puts it back to what was read; ``^z`` brings it back."""
        current = self.form
        if current is not None:
            current.fill(current.saved)
            current.go(current.spec.essentials[0])
            self._since = 0.0
            self._done_instead("begun anew")

    def make_first(self, current: Form) -> None:
        """What was taken from the list is not there yet: opens the form that makes it, and comes back."""
        wanted, current.to_make = current.to_make, None
        if wanted is None:
            return

        def made(name: str) -> None:
            if self.form is current:
                current.made(wanted, name)
                self._show()

        make_network(self.frame_screen, wanted.makes, made, lambda: None)

    # Sending

    def send(self) -> None:
        """Does it, or goes to what keeps it from being done."""
        current = self.form
        if current is None or self.sending:
            return
        judged = current.judged
        current.refused = None
        if judged.missing:
            current.go(judged.missing[0])
            self.frame_screen.hint(f"{all_fields(current.spec)[judged.missing[0]].label} is needed")
            return
        if judged.errors:
            if not current.next_error():
                self.frame_screen.say(judged.errors[0].sentence, bad=True)
            return
        if judged.request is None or (current.spec.edits and not current.touched):
            self.frame_screen.hint("nothing is changed")
            return
        self.sending = "asking the engine"
        turn = self._turn = self._turn + 1
        read = current.spec.read(current.view) if current.spec.read is not None else None
        self.frame_screen.changing.request(
            judged.request,
            node=current.spec.node(judged.view),
            read=read,
            on_refused=lambda sentence, flag, original: self._refused(current, turn, sentence, flag, original),
            on_done=lambda outcome: self._done(current, turn, outcome),
            on_conflict=lambda outcome: self._conflict(current, turn, outcome),
            on_cancelled=lambda: self._cancelled(turn),
        )

    def _refused(self, current: Form, turn: int, sentence: str, flag: str, original: str) -> None:
        """Back at the filled form, at the field; the engine's own words are kept behind ours."""
        if turn == self._turn:
            self.sending = ""
        own = f"the engine: {original}" if original and bare_words(original) not in sentence.lower() else ""
        current.refuse(sentence, flag, own)
        if self.form is current:
            if not current.refused or not current.refused.flag:
                self.frame_screen.say(" ".join(filter(None, (sentence, own))), bad=True)
            self._show()
        else:
            self.frame_screen.say(f"{sentence} The form is kept as a draft.", bad=True)

    def _cancelled(self, turn: int) -> None:
        if turn == self._turn:
            self.sending = ""
            self._show()

    def _conflict(self, current: Form, turn: int, outcome: Outcome) -> None:
        """Somebody else changed the same: both are shown side by side, and nothing of it was sent."""
        if turn == self._turn:
            self.sending = ""
        self._show()
        found = meeting(current, outcome)
        if found is None:
            self.frame_screen.say(f"{outcome.sentence} {outcome.hint}".strip(), bad=True)
        elif self.form is not current:
            self.frame_screen.say(f"{outcome.sentence} The form is kept as a draft; nothing was sent.", bad=True)
        elif all(row.usual is Side.YOURS for row in found.rows) and self._tries < _TRIES:
            # Nothing that a field holds was changed there: what is sent leaves the rest as it is.
            self._tries += 1
            self._together(current, found, {})
        else:
            self.frame_screen.box.open(self._box(current, found, outcome))

    def _box(self, current: Form, found: Meeting, outcome: Outcome) -> ConflictContent:
        was = current.gathered.subject
        said = outcome.error.original if outcome.error is not None else ""
        return ConflictContent(
            self.frame_screen,
            found.subject.name,
            (was.version if was is not None else 0, found.subject.version),
            found.rows,
            {name: field.label for name, field in all_fields(current.spec).items()},
            said,
            lambda choices: equals(current, found, choices),
            lambda choices: self._together(current, found, choices),
            lambda: self.frame_screen.hint("kept as a draft, nothing was sent"),
        )

    def _together(self, current: Form, found: Meeting, choices: Mapping[int, Side]) -> None:
        """Both changes in the form, on what is there now; sent."""
        values = taken(found.subject.saved, found.rows, choices)
        current.fill(values)
        current.gathered = replace(current.gathered, subject=found.subject)
        if self.form is current:
            self._show()
            self.send()

    def _done(self, current: Form, turn: int, outcome: Outcome) -> None:
        """The engine took it: on to where it is seen."""
        if turn == self._turn:
            self.sending = ""
        self.drafts = {key: draft for key, draft in self.drafts.items() if draft.form is not current}
        if self.form is not current:
            return
        spec = current.spec
        kept = aside(current, self.frame_screen.errand)
        if kept is not None:
            self.drafts[self._key] = Draft(kept, current.moment.now)
        place = spec.done(current.view, outcome) if spec.done is not None else Place(spec.view)
        self.form = None
        self._key = ("", "", ())
        if self.frame_screen.page is self and not finished(self.frame_screen, current):
            self.frame_screen.go(place, replace=True)
