"""What the keys of a form do, as far as that is more than changing what is filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from tui.forms.keys import ACTS, modes, type_key
from tui.places import Place
from tui.screens.form_sending import FormActs
from tui.text.span import Line


class FormTaking(FormActs):
    """Base of the page; see :class:`tui.screens.form_page.FormPage`."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._aside = False
        """Whether the right column stands in place of the fields, where there is no room beside them."""

    @property
    def wide(self) -> bool:
        """Whether all three columns are seen."""
        raise NotImplementedError

    def _scroll(self, step: str) -> None:
        raise NotImplementedError

    @property
    def modes(self) -> tuple[str, ...]:
        """Those of what is filled in."""
        return modes(self.form) if self.form is not None else ()

    @property
    def typing(self) -> bool:
        """Whether there is a form."""
        return self.form is not None

    @property
    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What changes the form, and what sends, copies, scrolls or leaves."""
        current = self.form
        if current is None:
            return {}
        return {
            **{name: partial(act, current) for name, act in ACTS.items()},
            "form.enter": self.send if current.field is None else partial(ACTS["form.enter"], current),
            "form.send": self.send,
            "form.offer": lambda: self._say_if(current.take_offer(), "nothing is offered at this field"),
            "form.error": lambda: self._say_if(current.next_error(), "there is no error"),
            "form.copy": self.copy_line,
            "form.text": self.edit_as_text,
            "form.anew": self.anew,
            "form.read": lambda: self.begin_gathering(again=True),
            "form.beside": self._turn_aside,
            "form.side-down": lambda: self._scroll("page-down"),
            "form.side-up": lambda: self._scroll("page-up"),
        }

    def type_key(self, key: str, character: str | None) -> bool:
        """Typing; a key that means nothing in a form means nothing at all."""
        return self.form is not None and (type_key(self.form, key, character) or key != "escape")

    def pressed(self) -> None:
        """Whatever it was, it may show; what was taken may have to be made first."""
        current = self.form
        if current is not None and current.to_make is not None:
            self.make_first(current)
        self._show()

    def paste(self, text: str) -> bool:
        """A docker line fills a form; anything else goes to the field."""
        current = self.form
        if current is None:
            return False
        if not self.fill_line(text):
            if current.finding is not None:
                current.finding = current.finding.insert(text)
            else:
                current.paste(text)
        self._show()
        return True

    def footer(self, width: int) -> Line | None:
        """The keys of forms; what stands beside the fields anyway is not called."""
        current = self.form
        if current is None:
            return None
        do = current.spec.button.lower().split()[0]
        beside = frozenset({"form.beside"}) if self.wide else frozenset({"form.section", "form.error"})
        leave = "" if current.finding is not None else "leave"
        return self.own_row(width, words={"form.send": do}, without=beside, leave=leave)

    def _say_if(self, done: bool, otherwise: str) -> None:
        if not done:
            self.frame_screen.hint(otherwise)

    def _turn_aside(self) -> None:
        self._aside = not self._aside
