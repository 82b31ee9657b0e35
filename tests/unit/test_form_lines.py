"""Any docker line fills its form, and the form comes to the same request again, gone through or not."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.change.line import parse_words, render
from backends.change.options import Options
from backends.change.requests import Request
from tests.unit.change_lines import lines
from tests.unit.form_support import keys, make
from tui.forms.registry import FORMS, form
from tui.forms.values import build, cleaned, pasted_line, values_of

#: Forms whose fields are the flags of what they send.
PLAIN = [name for name in FORMS if form(name).build is None]


@pytest.mark.parametrize("name", PLAIN)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_line_fills_a_form_that_comes_to_the_same(name: str, data: st.DataObject) -> None:
    # GIVEN a line of the verb of a form, pasted as people paste it
    spec = form(name)
    words = data.draw(lines(spec.verb))
    request = parse_words(words)
    assert isinstance(request, Request)
    pasted = pasted_line(f"sudo {render(request)}")
    if pasted is None or pasted.request is None:
        return  # a line with control characters cannot be pasted
    # WHEN it fills the fields
    values = values_of(spec, pasted.request)
    # THEN they come to the same request, with what the form always sends (a form that rotates always does)
    always = {name: texts for name, texts in spec.fold({}).items() if name in spec.hidden}
    given = {**dict(pasted.request.options.items), **always}
    assert build(spec, values).request == replace(pasted.request, options=Options.of(spec.verb.table, given))
    # AND so they do when one has gone through all of them without a change
    filled = make(spec)
    filled.fill(values)
    for _ in filled.groups:
        for _ in range(len(filled.group.fields) + 1):
            keys(filled, "tab")
        keys(filled, "f4")
    # (a value that is empty cannot stand among others in a field)
    assert filled.values == cleaned(values)


@pytest.mark.parametrize("text", ["docker service create --nosuch x nginx", "docker service create -p 1:2:3:4 nginx"])
def test_a_broken_line_says_what_is_wrong_and_fills_nothing(text: str) -> None:
    # GIVEN a line with something wrong WHEN it is pasted
    pasted = pasted_line(text)
    # THEN it is known for one, with one sentence
    assert pasted is not None
    assert pasted.request is None
    assert len(pasted.errors) == 1
    assert shlex.split(text)[1] == pasted.words[0]
