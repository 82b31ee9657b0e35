"""From a form or a line to the form of what is wanted there, and back with what was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.forms.errand import Errand, network_place
from tui.forms.model import Form

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.places import Place
    from tui.screens.main import MainScreen


def make_network(screen: MainScreen, name: str, made: Callable[[str], None], left: Callable[[], None]) -> None:
    """Opens the form of a new network. ``made`` is called with the name it got, ``left`` where it was not made; both
    once what is shown now is shown again."""
    errand = Errand(network_place(name), made, left)
    screen.errand = errand
    screen.go(errand.place)
    errand.wanted_at = screen.past.parent()


def opened(screen: MainScreen, place: Place, form: Form | None) -> None:
    """A form is shown: the one of the errand, or another, with which the errand is over."""
    errand = screen.errand
    if errand is None:
        return
    if errand.form is None and place == errand.place and form is not None:
        errand.form, errand.aside = form, form.filled_over
        send = screen.keymap.key("form.send")
        screen.hint(f"{send} creates it and takes it where it was wanted; esc goes back")
    elif form is not errand.form:
        closed(screen)


def closed(screen: MainScreen) -> None:
    """The form of the errand is left, and nothing was made."""
    errand = screen.errand
    if errand is None or errand.form is None or screen.past.place.view == "help":
        return
    screen.errand = None
    if screen.past.place == errand.wanted_at:
        screen.call_later(errand.left)


def finished(screen: MainScreen, form: Form) -> bool:
    """The engine made it: back to where it was wanted, with its name. ``False`` where nobody waits for it."""
    errand = screen.errand
    if errand is None or errand.form is not form or screen.past.parent() != errand.wanted_at:
        return False
    screen.errand = None
    name = form.view.text("NETWORK")
    screen.back()
    errand.made(name)
    return True


def aside(form: Form, errand: Errand | None) -> Form | None:
    """The draft that stood in the errand's form before; ``None`` where there was none."""
    if errand is None or errand.form is not form or not errand.aside:
        return None
    kept = Form(form.spec, form.moment, form.known, form.around)
    kept.gathered, kept.ready = form.gathered, form.ready
    kept.fill(errand.aside, undo=False)
    return kept
