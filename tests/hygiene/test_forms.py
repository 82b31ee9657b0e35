"""Forms, verbs and pages hold together: names that are declared are used, keys that are shown work."""

from __future__ import annotations

import re
from importlib import import_module
from inspect import getsource
from typing import Any

import pytest

from backends.change.verbs import VERBS
from tests.unit.form_support import make
from tui.actions.own import MODES
from tui.actions.registry import ACTIONS
from tui.forms.draw import about_rows, field_rows
from tui.forms.fields import all_fields, arguments
from tui.forms.registry import BY_WORDS, FORMS, form, sent_as
from tui.screens.own_keys import OwnKeysPage
from tui.screens.page import Page
from tui.screens.registry import PAGES
from tui.text.span import plain

#: Names by which a spec says something of fields: each must be a field of that form, or nobody ever sees it.
OF_FIELDS = ("placed", "lists", "begin", "stand_in", "choices", "verdicts", "below", "offers")
#: Texts that several forms of one noun share.
SHARED = ("labels", "about")
#: Pages on which a person types, and lists of secrets and machines, with what does their keys. No page more.
OWN = {
    "form": (
        "tui.screens.form_page",
        "tui.screens.form_taking",
        "tui.screens.form_sending",
        "tui.screens.form_conflict",
    ),
    "reach": ("tui.screens.reach_page", "tui.screens.reach_saving"),
    "join": ("tui.screens.join_page", "tui.screens.join_keys"),
    "tokens": ("tui.screens.tokens_page",),
    "unlock": ("tui.screens.swarm_unlock",),
}


@pytest.mark.parametrize("name", list(FORMS))
def test_what_a_form_says_of_a_field_has_that_field(name: str) -> None:
    # GIVEN a form
    spec = form(name)
    assert spec.id == name
    fields = set(all_fields(spec))
    # WHEN names that it says something of are gathered
    said = {(part, one) for part in OF_FIELDS for one in getattr(spec, part)}
    # THEN each is a field; the cursor begins at one; each flag it hides is one of the verb's
    assert {(part, one) for part, one in said if one not in fields} == set()
    assert not spec.first or spec.first in fields
    assert spec.hidden <= set(spec.verb.table)
    # AND every argument that is needed can be filled in on the first page
    needed = {one for one in arguments(spec) if all_fields(spec)[one].needed}
    assert needed - set(spec.fixed) <= set(spec.essentials)


def test_texts_that_forms_share_are_of_some_form() -> None:
    # GIVEN the fields of all forms
    fields = {one for name in FORMS for one in (*all_fields(form(name)), *form(name).verb.table)}
    # WHEN labels and sentences about fields are looked through
    said = {(part, one) for name in FORMS for part in SHARED for one in getattr(form(name), part)}
    # THEN none is of a field that is nowhere
    assert {(part, one) for part, one in said if one not in fields} == set()


@pytest.mark.parametrize("name", list(FORMS))
def test_every_flag_is_drawn_and_explained(name: str) -> None:
    # GIVEN a form, wide enough for its labels
    made = make(name)
    for number, group in enumerate(made.groups):
        # WHEN each of its pages is drawn
        made.open_page(number)
        shown = [plain(row) for row in field_rows(made, 120, roomy=True).lines]
        for field in group.fields:
            # THEN each field is on it, and its flag with the CLI's words is a key away
            assert any(field.label in row for row in shown), field.name
            told = " ".join(plain(row) for row in about_rows(made, field, 400))
            if field.flag is not None:
                assert field.flag.spelled in told
                assert field.flag.help in told


def test_lines_find_their_forms() -> None:
    # GIVEN the words of all docker lines that change something
    words = {verb.words for verb in VERBS.values()}
    # THEN a form that a line fills is there, and sends a line with these words
    assert set(BY_WORDS) <= words
    assert set(BY_WORDS.values()) <= set(FORMS)
    for line, name in BY_WORDS.items():
        assert sent_as(form(name)) == " ".join(line)
        if form(name).build is None:
            assert form(name).verb.words == line


def _page(name: str) -> type[Page]:
    module, _, cls = PAGES[name].partition(":")
    found: type[Page] = getattr(import_module(module), cls)
    return found


@pytest.mark.parametrize("name", list(PAGES))
def test_keys_are_actions_but_where_one_types(name: str) -> None:
    # GIVEN a page WHEN it is asked whether it takes keys for itself
    takes: Any = _page(name).takes
    # THEN it does not: its keys are actions, which help, the keymap file and docs/keys.md know
    assert takes is (OwnKeysPage.takes if name in OWN else Page.takes)


@pytest.mark.parametrize("module", [module for modules in OWN.values() for module in modules])
def test_no_page_names_a_key_by_itself(module: str) -> None:
    # GIVEN what takes keys before all others WHEN its source is searched
    source = getsource(import_module(module))
    # THEN no key stands in it but the one that always leads out: they are declared with their actions
    found = re.findall(r'"(?:ctrl\+.|f\d+|tab|enter|escape|up|down|page(?:up|down)|shift\+tab|\^[a-z]|F\d+)"', source)
    assert set(found) <= {'"escape"'}


@pytest.mark.parametrize("name", list(OWN))
def test_what_is_declared_for_a_page_is_done_there(name: str) -> None:
    # GIVEN the actions that a page takes before all others
    declared = {action.id for action in ACTIONS if action.mode and name in action.views}
    # WHEN what does them is searched, with what a form does by itself
    source = "\n".join(getsource(import_module(module)) for module in (*OWN[name], "tui.forms.keys"))
    done = set(re.findall(rf'"((?:{"|".join({one.partition(".")[0] for one in declared})})\.[a-z-]+)"', source))
    # THEN none is there that is not declared (a name may be made of parts)
    assert {one for one in done if not one.endswith("-")} - set(MODES) <= declared
