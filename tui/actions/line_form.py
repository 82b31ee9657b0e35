"""From a docker line to the form that it fills."""

from __future__ import annotations

from tui.actions.command import Known
from tui.actions.complete_change import docker_start
from tui.places import Place


def _words(text: str) -> tuple[str, ...]:
    from backends.change.flag_error import FlagError
    from backends.change.line import docker_words
    from backends.change.words import line_words

    words = line_words(text)
    rest = words if isinstance(words, FlagError) else docker_words(words)
    return () if isinstance(rest, FlagError) else tuple(word.text for word in rest[:2])


def has_form(text: str) -> bool:
    """Whether the verb of a docker line has a form."""
    from tui.forms.registry import BY_WORDS

    words = _words(text[docker_start(text)[0] :])
    return len(words) == 2 and (words[0], words[1]) in BY_WORDS


def place_of_line(text: str, known: Known) -> Place | str:
    """Where the form of a line is, filled from it; a sentence where there is none."""
    from backends.change.surroundings import Surroundings
    from tui.forms.registry import BY_WORDS, form, form_place
    from tui.forms.values import pasted_line

    line = text[docker_start(text)[0] :].strip()
    if "docker" not in line.split()[:4]:
        line = f"docker {line}"
    words = _words(line)
    name = BY_WORDS.get((words[0], words[1])) if len(words) == 2 else None
    if name is None:
        return "This line has no form."
    engine = known.snapshot.engine
    pasted = pasted_line(line, Surroundings(api_version=engine.api_version if engine is not None else ""))
    spec = form(name)
    if spec.key_of is None:
        # A bare verb fills nothing; what is wrong in a longer line is said by the form.
        return form_place(name, None, "" if line.endswith(" ".join(words)) else line)
    if pasted is None or pasted.request is None:
        return "The form needs the name of what it changes: type that first."
    key = spec.key_of(pasted.request, known.snapshot)
    if key is None:
        return f"{pasted.request.arguments[0]} is not there."
    return form_place(name, key, line)
