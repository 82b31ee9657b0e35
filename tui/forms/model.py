"""A form being filled in: typing, choosing, mending. Keys are in ``tui.forms.keys``; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backends.change.candidates import Candidate
from backends.change.finding import Finding, Severity
from backends.change.flags import Source
from tui.forms import listed
from tui.forms.fields import Field, Shape, all_fields
from tui.forms.filling import Filling
from tui.forms.judge import field_name
from tui.forms.listing import listing
from tui.forms.spec import Offer
from tui.frame.line_edit import LineEdit

#: Characters of one field at most: more than a kernel takes as one variable.
LONGEST = 131_072


class Form(Filling):
    """One form that is typed into."""

    @property
    def frozen(self) -> str:
        """Why the field at the cursor cannot be changed; empty where it can."""
        field = self.field
        return self.spec.fixed.get(field.name, "") if field is not None else ""

    def type(self, edit: LineEdit, *, open_list: bool = True) -> None:
        """Another text in the field at the cursor."""
        field = self.field
        if field is None or self.frozen or len(edit.text) > LONGEST:
            return
        moved_only = edit.text == self.edit.text
        self.edit = edit
        if moved_only:
            self.close_list()
            return
        self._store(field, edit.text)
        self.close_list()
        if open_list:
            self._list(field, asked=False)

    def set(self, name: str, values: Sequence[str]) -> None:
        """All values of a field."""
        self._raw = {**self._raw, name: tuple(values)}
        if not any(values):
            del self._raw[name]
        self._mended(name)
        field = self.field
        if field is not None and field.name == name:
            self._enter(-1)

    @property
    def piece(self) -> listed.Piece:
        """The part of the text that the cursor stands in."""
        field = self.field
        if field is not None and field.shape is Shape.LIST and not self.by_rows:
            return listed.piece_at(self.edit.text, self.edit.cursor)
        return listed.Piece(self.edit.text, 0, len(self.edit.text))

    def _store(self, field: Field, text: str) -> None:
        if field.shape is not Shape.LIST:
            values: tuple[str, ...] = (text,)
        elif not self.by_rows:
            values = listed.split(text)
        else:
            rows = [*self._raw.get(field.name, ())]
            rows += [""] * (self.row + 1 - len(rows))
            rows[self.row] = text
            values = tuple(rows)
        self._raw = {**self._raw, field.name: values}
        self._mended(field.name)

    def _mended(self, name: str) -> None:
        if self.refused is not None and self.refused.flag in ("", name):
            self.refused = None

    def take(self) -> bool:
        """Takes what is chosen in the list; ``False`` where nothing is."""
        chosen, field = self.listing.chosen if self.listing is not None else None, self.field
        if chosen is None or field is None or self.listing is None:
            return False
        if chosen.makes:
            self.to_make = chosen
            return True
        self._put(field, self.listing.piece, chosen)
        return True

    def made(self, wanted: Candidate, name: str) -> None:
        """What was chosen to be made is there, under the name it got: taken where the cursor stands."""
        field = self.field
        if field is not None:
            self._put(field, self.piece, Candidate(wanted.text.removesuffix(wanted.makes) + name))

    def _put(self, field: Field, piece: listed.Piece, chosen: Candidate) -> None:
        text = chosen.text
        if field.shape is Shape.LIST and not self.by_rows and not chosen.more:
            text = listed.join([text])
        whole = self.edit.text[: piece.start] + text + self.edit.text[piece.end :]
        self.type(LineEdit(whole, piece.start + len(text)), open_list=chosen.more)

    def list_all(self) -> bool:
        """Opens the list for what is typed, also for nothing."""
        field = self.field
        if field is not None and not self.frozen:
            self._list(field, asked=True)
        return self.listing is not None

    def _list(self, field: Field, *, asked: bool) -> None:
        self._wanted = asked
        self.listing = listing(field, self.piece, self.view, asked=asked)

    def relist(self) -> None:
        """What is known has changed. A list that is wanted follows: what was not known yet when the last key was
        typed is offered as soon as it is, and what is chosen stays so."""
        field = self.field
        if field is None or self._wanted is None or field.source is Source.FILE:
            return  # what is known of the cluster says nothing of files: the disk is not asked again
        chosen = self.listing.chosen if self.listing is not None else None
        self._list(field, asked=self._wanted)
        if self.listing is not None and chosen is not None:
            texts = [one.text for one in self.listing.found]
            if chosen.text in texts:
                self.listing = replace(self.listing, at=texts.index(chosen.text))

    def paste(self, text: str) -> None:
        """Pasted text: into the field, each line a value of its own where it takes several."""
        field = self.field
        if field is None or field.shape in (Shape.SWITCH, Shape.CHOICE) or self.frozen:
            return
        rows = [row for row in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if row.strip()]
        if field.shape is Shape.LIST and len(rows) > 1:
            old = [one for one in self._raw.get(field.name, ()) if one]
            room = [LineEdit().insert(row.strip()).text[:LONGEST] for row in rows]
            self.set(field.name, [*old, *(one for one in room if one)])
            return
        self.type(self.edit.insert(text.strip("\r\n")[: LONGEST + 1]))

    # Choices

    def choices(self, field: Field) -> tuple[Candidate, ...]:
        """What a choice may be; empty text leaves it to the default."""
        own = self.spec.choices.get(field.name)
        if own is not None:
            return tuple(own(self.view))
        flag = field.flag
        return tuple(Candidate(text) for text in ("", *(flag.choices if flag is not None else ())))

    def choose(self, by: int = 0, letter: str = "") -> None:
        """The next choice, or the next that begins with a letter; a switch turns."""
        field = self.field
        if field is None or self.frozen:
            return
        now = self._raw.get(field.name, ("",))[0] if self._raw.get(field.name) else ""
        if field.shape is Shape.SWITCH:
            self.set(field.name, () if now == "true" else ("true",))
            return
        texts = [one.text for one in self.choices(field)]
        if field.flag is not None and field.flag.default in texts and now == "":
            now = field.flag.default if "" not in texts else now
        at = texts.index(now) if now in texts else (0 if by > 0 else -1)
        if letter:
            order = [*texts[at + 1 :], *texts[: at + 1]]
            wanted = next((text for text in order if text.lower().startswith(letter.lower())), None)
            if wanted is not None:
                self.set(field.name, (wanted,))
        elif texts:
            self.set(field.name, (texts[(at + by) % len(texts)],))

    # Mending

    @property
    def offer(self) -> Offer | None:
        """What ``^o`` takes at the field with the cursor."""
        field = self.field
        offering = self.spec.offers.get(field.name) if field is not None else None
        return offering(self.view) if offering is not None else None

    def take_offer(self) -> bool:
        """Takes it: the chosen or first of a list that is open, else what is offered, else opens the list of what
        there is; ``False`` where there is nothing of all that."""
        if self.listing is not None:
            self.listing = self.listing if self.listing.chosen is not None else self.listing.moved(1)
            return self.take()
        if self.offer is None:
            return self.list_all()
        field, offer = self.field, self.offer
        if field is None or offer is None:
            return False
        self._undo.append(dict(self._raw))
        self.set(field.name, offer.values)
        return True

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, the engine's refusal first."""
        own = self.judged.view.findings
        return (self.refused, *own) if self.refused is not None else own

    def refuse(self, sentence: str, flag: str, instead: str = "") -> None:
        """The engine refused it: shown at its field, which has the cursor then."""
        name = field_name(flag, all_fields(self.spec))
        self.refused = Finding(sentence, name, Severity.ERROR, instead)
        if name:
            self.go(name, -1)

    def next_error(self) -> bool:
        """To the next field with an error, from the cursor on; ``False`` where there is none."""
        order = list(all_fields(self.spec))
        bad = [f.flag for f in self.findings if f.flag and f.severity is Severity.ERROR]
        here = order.index(self.field.name) if self.field is not None else -1
        wanted = sorted(set(bad), key=lambda name: (order.index(name) - here - 1) % len(order))
        return self.go(wanted[0], -1) if wanted else False

    def as_it_was(self) -> bool:
        """The field as it was read; where it is so already, all fields as they were before the last filling."""
        field = self.field
        old = self.saved.get(field.name, ()) if field is not None else ()
        if field is not None and self.values.get(field.name, ()) != tuple(old) and (self.spec.edits or not self._undo):
            self.set(field.name, old)
            return True
        if self._undo:
            self._raw = self._undo.pop()
            self._enter()
            return True
        return False

    def turn_only_changed(self) -> None:
        """Only what differs, or all."""
        name = self.field.name if self.field is not None else ""
        self._leave()
        self.only_changed = not self.only_changed
        self.page = self.at = 0
        shown = not self.only_changed or (bool(name) and self.changed(name))
        if not (name and shown and self.go(name)):
            self._enter()
