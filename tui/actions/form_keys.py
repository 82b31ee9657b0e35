"""The keys of forms; what each does is in ``tui.forms.keys`` and ``tui.screens.form_page``."""

from __future__ import annotations

from tui.actions.own import own
from tui.actions.spec import ActionContext, ActionSpec, Danger, Verdict


def _edits(context: ActionContext) -> Verdict:
    """Whether the form of the place changes something; help, which knows no form, tells it of all."""
    name = context.place.argument
    if context.place.view != "form" or not name:
        return True
    from tui.forms.registry import form

    return True if form(name).edits else "this form makes something new"


_LIST, _FIND = "choose", "choose"
FORM_KEYS: tuple[ActionSpec, ...] = (
    own("form", "next", "next field", "Goes to the next field.", "tab", short="next", footer=1),
    own("form", "previous", "field before", "Goes to the field before.", "shift+tab"),
    own("form", "down", "down", "Goes down: the next row of a field with several, else the next field.", "down"),
    own("form", "up", "up", "Goes up: the row before of a field with several, else the field before.", "up"),
    own("form", "enter", "next row", "Goes to the next row or field; on the button it presses that.", "enter"),
    own("form", "section", "next section", "Shows the next section of the form.", "f4", short="section", footer=2),
    own("form", "section-before", "section before", "Shows the section before.", "f3"),
    own("form", "find", "find a field", "Finds a field by its name, flag or help.", "ctrl+f"),
    own("form", "values", "what there is", "Lists what there is for the field, with nothing typed too.", "ctrl+space"),
    own(
        "form",
        "offer",
        "take offer",
        "Takes what is offered below the field: a free port, a name, a subnet.",
        "ctrl+o",
        short="offer",
        footer=3,
    ),
    own("form", "error", "next error", "Goes to the next field that is wrong.", "ctrl+g", short="error", footer=4),
    own(
        "form",
        "send",
        "send",
        "Sends the form: creates or updates what it says (a list is saved to a file by the same key).",
        "ctrl+s",
        footer=5,
        danger=Danger.STOPS,
        changes=True,
    ),
    own("form", "copy", "copy", "Copies the equal docker line. Works over SSH.", "ctrl+y"),
    own("form", "text", "edit as text", "Puts the equal docker line into the command line.", "ctrl+e"),
    own(
        "form",
        "as-read",
        "as it was",
        "Puts the field back to what was read; once more, takes back the last filling of all fields.",
        "ctrl+z",
    ),
    own("form", "changed", "only changed", "Shows only fields that are changed, or all.", "ctrl+t", when=_edits),
    own("form", "anew", "begin anew", "Empties the form, or puts it back to what was read.", "ctrl+n"),
    own("form", "read", "read again", "Asks anew what the form needs beside what is known of the cluster.", "ctrl+r"),
    own(
        "form",
        "about",
        "about this field",
        "Tells of the field what the docker CLI does, and hides that again.",
        "f1",
        short="about",
        footer=6,
    ),
    own(
        "form",
        "beside",
        "what it meets",
        "Shows in place of the fields what the cluster says to them, and the fields again; on a wide screen they "
        "stand beside each other.",
        "f2",
        short="beside",
        footer=7,
    ),
    own("form", "side-down", "scroll down", "Scrolls what stands beside the fields, or the fields.", "pagedown"),
    own("form", "side-up", "scroll up", "Scrolls it back.", "pageup"),
    own("form.list", "list-down", "next", "Chooses the next of what is offered.", "down", shared=_LIST),
    own("form.list", "list-up", "before", "Chooses the one before.", "up", shared=_LIST),
    own("form.chosen", "list-take", "take it", "Takes what is chosen in the list.", "tab", "enter"),
    own("form.list", "list-close", "close it", "Closes the list; what is typed stays.", "escape"),
    own("form.about", "about-close", "close it", "Hides what is told about the field.", "escape"),
    own("form.find", "find-down", "next", "Chooses the next of the fields found.", "down", shared=_FIND, footer=1),
    own("form.find", "find-up", "before", "Chooses the one before.", "up", shared=_FIND, footer=1),
    own("form.find", "find-go", "goes there", "Goes to the field.", "enter", "tab", footer=2),
    own("form.find", "find-close", "closes", "Stays where one was.", "escape", footer=3),
)
