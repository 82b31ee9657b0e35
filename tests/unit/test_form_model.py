"""Forms as values: fields from the flag table, typing, completion, errors at their field, lines both ways."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.change.finding import Severity
from backends.change.line import parse_line
from backends.change.requests import ServiceCreate
from backends.change.verbs import VERBS
from backends.model import Image, Kind
from tests.unit.change_world import world
from tests.unit.form_support import keys, listed_texts, make, sentences, type_in
from tui.actions.paths import paths
from tui.forms import listed
from tui.forms.draw import field_rows
from tui.forms.fields import Shape, all_fields, groups_of
from tui.forms.frame import equal_rows, find_rows, section_rows
from tui.forms.keys import matches
from tui.forms.registry import FORMS, form
from tui.forms.values import pasted_line, values_of
from tui.text.fit import line_width
from tui.text.span import joined

CREATE = VERBS[ServiceCreate]


@pytest.mark.parametrize("name", list(FORMS))
def test_every_flag_of_the_verb_has_a_field(name: str) -> None:
    # GIVEN a form
    spec = form(name)
    # WHEN its pages are asked for
    shown = {field.name for group in groups_of(spec) for field in group.fields}
    # THEN each flag of its verb is on one, but those it says it hides
    assert set(spec.verb.table) - spec.hidden <= shown
    assert set(spec.essentials) == {field.name for field in groups_of(spec)[0].fields}


@given(st.lists(st.text(min_size=1, max_size=12).filter(lambda text: "\n" not in text)))
def test_several_values_in_one_text_are_read_back_as_they_were(values: list[str]) -> None:
    # GIVEN values that may hold commas, blanks and quotes WHEN they are written as one text and read back
    # THEN they are the same
    assert listed.split(listed.join(values)) == tuple(values)


@given(st.text(alphabet='a=,"  :/', max_size=30), st.integers(0, 30))
def test_every_place_of_the_cursor_is_in_one_value(text: str, cursor: int) -> None:
    # GIVEN any text WHEN the value at a cursor is asked for
    piece = listed.piece_at(text, min(cursor, len(text)))
    # THEN it lies within the text
    assert 0 <= piece.start <= max(piece.start, piece.end) <= len(text)


def test_a_service_takes_two_fields() -> None:
    # GIVEN a new service
    form = make("service-create")
    # WHEN image and name are typed
    type_in(form, "nginx:1.27")
    keys(form, "tab")
    type_in(form, "web2")
    # THEN it can be sent, and is the line that one would type
    assert form.judged.line == "docker service create --name web2 nginx:1.27"
    assert form.judged.request == parse_line("docker service create --name web2 nginx:1.27")


def test_what_is_needed_is_said_before_it_is_sent() -> None:
    # GIVEN a form without an image WHEN it is judged
    form = make("service-create")
    # THEN there is nothing to send, and the image is what is missing
    assert form.judged.request is None
    assert form.judged.missing == ("IMAGE",)


def test_a_port_that_is_taken_is_said_while_typed_and_the_next_free_one_is_offered() -> None:
    # GIVEN web on port 8080
    form = make("service-create")
    form.go("publish")
    # WHEN the same port is typed, though no image is there yet
    type_in(form, "8080:80")
    # THEN it is said at the field
    assert any("8080" in text and "web" in text for text in sentences(form, "publish"))
    # WHEN the offer is taken
    assert form.take_offer()
    # THEN the next free port stands there, with nothing wrong
    assert form.values["publish"] == ("8081:80",)
    assert not form.view.errors("publish")
    # WHEN the field is put back, THEN what was typed is there again
    form.as_it_was()
    assert form.values.get("publish") in ((), None, ("8080:80",))


def test_one_key_takes_from_the_list_that_is_open_and_opens_it_where_none_is() -> None:
    # GIVEN a field at which nothing is typed
    form = make("service-create")
    form.go("network")
    # WHEN the offer is asked for THEN what there is stands to be chosen, and nothing of it is
    assert form.take_offer()
    assert form.listing is not None
    assert form.listing.chosen is None
    first = form.listing.found[0].text
    # WHEN it is asked for again THEN it is the first of the list
    assert form.take_offer()
    assert form.values["network"] == (first,)
    # AND it is refused where there is nothing
    form.go("name")
    assert not form.take_offer()


def test_two_variables_in_one_value_are_told_how_they_are_parted() -> None:
    # GIVEN two variables that are parted by a comma only, which is one value for docker
    form = make("service-create")
    form.go("env")
    type_in(form, "A=1,B=2")
    # THEN it is said how a second one is begun, and what is typed is kept
    text = joined(field_rows(form, 90, roomy=False).lines)
    assert "a second one stands behind a comma and a blank" in text
    assert form.values["env"] == ("A=1,B=2",)
    # WHEN they are parted so THEN there are two and nothing is said
    form.set("env", ("A=1", "B=2"))
    assert "a second one" not in joined(field_rows(form, 90, roomy=False).lines)


def test_constraints_say_what_matches() -> None:
    # GIVEN a constraint that only workers meet
    form = make("service-create")
    form.go("constraint")
    type_in(form, "node.role==worker")
    # WHEN the field is drawn
    text = joined(field_rows(form, 90, roomy=False).lines)
    # THEN it is said how many nodes match, and which
    assert "matches 2 of 3" in text
    assert "w1" in text


def test_secrets_that_are_not_there_are_said() -> None:
    # GIVEN a secret that nobody made
    form = make("service-create", replace(world(), listed=dict.fromkeys(Kind, 1.0)))
    form.go("secret")
    type_in(form, "nosuch")
    # THEN it is said at the field
    assert sentences(form, "secret") == ["secret nosuch not found"]


def test_networks_complete_and_tab_takes_the_first_that_fits() -> None:
    # GIVEN the field of networks
    form = make("service-create")
    form.go("network")
    # WHEN the begin of a name is typed, and tab is pressed
    type_in(form, "ap")
    assert form.listing is not None
    keys(form, "tab")
    # THEN the name stands there, and the cursor is still in the field
    assert form.values["network"] == ("app",)
    assert form.field is not None
    assert form.field.name == "network"
    # WHEN tab is pressed again THEN it goes on
    keys(form, "tab")
    assert form.field.name == "publish"


def test_a_network_that_is_not_there_can_be_made_below_those_that_are() -> None:
    # GIVEN a form
    form = make("service-create")
    form.go("network")
    # WHEN a part of a name is typed THEN what is there comes first and is chosen, and the last one makes what is typed
    type_in(form, "ap")
    assert form.listing is not None
    assert [one.makes for one in form.listing.found] == ["", "ap"]
    assert form.listing.at == 0
    # WHEN nothing of that name is there THEN the tab goes on: a form is never opened by itself
    type_in(form, "p2")
    assert form.listing is not None
    assert [one.makes for one in form.listing.found] == ["app2"]
    assert form.listing.chosen is None
    # WHEN it is chosen THEN it waits to be made, and what was typed stays
    keys(form, "down", "tab")
    assert form.to_make is not None
    assert form.values["network"] == ("app2",)
    # WHEN it was made, under another name THEN that is taken, and one goes on
    form.made(form.to_make, "app3")
    assert form.values["network"] == ("app3",)
    assert form.listing is None


@pytest.mark.parametrize("typed", ["app", "web net", "host", "n-app", "alias=x", "-x"])
def test_what_is_there_or_no_name_is_not_made(typed: str) -> None:
    # GIVEN a form whose network is there by name or ID, or no name
    form = make("service-create")
    form.go("network")
    form.paste(typed)
    form.list_all()
    # THEN nothing is offered to be made
    found = form.listing.found if form.listing is not None else ()
    assert not any(one.makes for one in found)


def test_a_network_in_the_long_form_is_made_and_keeps_what_stands_before_it() -> None:
    # GIVEN a network by name=
    form = make("service-create")
    form.go("network")
    type_in(form, "name=cache")
    keys(form, "down", "tab")
    # WHEN it was made THEN it stands behind name=
    assert form.to_make is not None
    form.made(form.to_make, "cache")
    assert form.values["network"] == ("name=cache",)


def test_files_of_this_machine_are_offered_where_they_are_read(tmp_path: Path) -> None:
    # GIVEN a folder with a file of variables, a folder and something hidden
    (tmp_path / "web.env").write_text("A=1")
    (tmp_path / "wide").mkdir()
    (tmp_path / "wide" / "low.env").write_text("B=2")
    (tmp_path / ".hidden").write_text("")
    form = make("service-create", paths=paths)
    form.go("env-file")
    # WHEN the folder is typed THEN what is in it is offered, the first to be taken
    form.paste(f"{tmp_path}/")
    assert listed_texts(form) == [f"{tmp_path}/web.env", f"{tmp_path}/wide/"]
    # WHEN the folder is taken THEN one goes on in it, and a file ends it
    keys(form, "down", "tab")
    assert listed_texts(form) == [f"{tmp_path}/wide/low.env"]
    keys(form, "tab")
    assert form.values["env-file"] == (f"{tmp_path}/wide/low.env",)
    assert form.listing is None
    # AND what is hidden only after its dot
    form.set("env-file", ())
    form.paste(f"{tmp_path}/.")
    assert listed_texts(form) == [f"{tmp_path}/.hidden"]


def test_the_source_of_a_bind_mount_is_a_path_where_the_engine_is_here(tmp_path: Path) -> None:
    # GIVEN a folder
    (tmp_path / "data").mkdir()
    for here in (True, False):
        form = make("service-create", paths=paths, here=here)
        form.go("mount")
        # WHEN the source of a bind is typed THEN it is offered, where paths of this machine are meant
        form.paste(f"type=bind,source={tmp_path}/d")
        assert listed_texts(form) == ([f"type=bind,source={tmp_path}/data/"] if here else [])


def test_an_image_that_is_typed_whole_is_never_replaced_by_a_longer_one() -> None:
    # GIVEN images that begin as what is typed does
    form = make("service-create")
    type_in(form, "shop/web")
    # WHEN tab is pressed
    keys(form, "tab")
    # THEN what was typed is kept
    assert form.values["IMAGE"] == ("shop/web",)


def test_what_is_known_only_after_the_last_key_is_offered_then() -> None:
    # GIVEN the begin of an image's name, typed before the images were told
    before = world()
    tags = ("hshar/mysql:5", "hshar/webapp:latest")
    told = {tag: Image(image_id=tag, tags=(tag,)) for tag in tags}
    form = make("service-create", before)
    type_in(form, "hs")
    assert listed_texts(form) == []
    # WHEN they are
    form.moment = replace(form.moment, snapshot=replace(before, images={tags[1]: told[tags[1]]}))
    form.relist()
    # THEN they can be chosen, with no further key
    assert listed_texts(form) == [tags[1]]
    # WHEN one is chosen and others come THEN it is still the chosen one
    keys(form, "down")
    form.moment = replace(form.moment, snapshot=replace(before, images=told))
    form.relist()
    assert listed_texts(form) == list(tags)
    assert form.listing is not None
    assert form.listing.chosen is not None
    assert form.listing.chosen.text == tags[1]
    # WHEN the list is closed THEN nothing that becomes known opens it again
    keys(form, "escape")
    form.relist()
    assert listed_texts(form) == []


def test_values_with_commas_have_a_row_each_in_their_section() -> None:
    # GIVEN the section of mounts
    form = make("service-create")
    form.go("mount")
    # WHEN two are typed, one below the other
    form.type(form.edit.insert("type=volume,source=a,target=/a"))
    keys(form, "escape", "enter")
    form.type(form.edit.insert("type=tmpfs,target=/b"))
    # THEN there are two values
    assert form.values["mount"] == ("type=volume,source=a,target=/a", "type=tmpfs,target=/b")


def test_several_pasted_lines_are_several_values() -> None:
    # GIVEN the field of the environment
    form = make("service-create")
    form.go("env")
    # WHEN a file of variables is pasted
    form.paste("A=1\nB=two, three\n\nC=3\r\n")
    # THEN each line is a variable
    assert form.values["env"] == ("A=1", "B=two, three", "C=3")


def test_a_pasted_docker_line_fills_the_form_and_can_be_taken_back() -> None:
    # GIVEN a form with a name
    form = make("service-create")
    form.set("name", ("before",))
    line = "sudo docker service create --name webapp1 -d --network app -p 8001:80 hshar/webapp sh -c 'echo hi'"
    # WHEN a docker line is pasted
    pasted = pasted_line(line)
    assert pasted is not None
    assert pasted.request is not None
    form.fill_request(pasted.request)
    # THEN all of it stands in its fields
    assert form.values["IMAGE"] == ("hshar/webapp",)
    assert form.values["COMMAND"] == ("sh -c 'echo hi'",)
    assert form.values["detach"] == ("true",)
    assert form.judged.request == pasted.request
    # WHEN it is taken back THEN what was typed is there
    form.as_it_was()
    assert form.values == {"name": ("before",)}


@pytest.mark.parametrize("text", ["docker", "service create", "docker run nginx", "nginx", "A=docker service"])
def test_a_value_is_no_docker_line(text: str) -> None:
    # GIVEN text that may stand in a field WHEN it is pasted THEN it is no line that changes something
    assert pasted_line(text) is None


def test_switches_and_choices_are_turned_not_typed() -> None:
    # GIVEN a switch and a choice
    form = make("service-create")
    form.go("tty")
    keys(form, "space")
    assert form.values["tty"] == ("true",)
    keys(form, "space")
    assert "tty" not in form.values
    form.go("mode")
    # WHEN one goes through a choice
    keys(form, "right", "right")
    # THEN it is one of its values
    assert form.values["mode"][0] in ("replicated", "global", "replicated-job", "global-job")


def test_a_field_is_found_by_any_word_about_it() -> None:
    # GIVEN a form in which one looks for a field
    form = make("service-create")
    keys(form, "ctrl+f")
    type_in(form, "grace")
    assert [field.name for field in matches(form)] == ["stop-grace-period"]
    # WHEN it is gone to THEN the cursor is in it
    keys(form, "enter")
    assert form.field is not None
    assert form.field.name == "stop-grace-period"


def test_all_errors_are_found_at_once_and_gone_through() -> None:
    # GIVEN three fields that are wrong in ways of their own
    form = make("service-create")
    form.fill(
        {
            "IMAGE": ("nginx",),
            "name": ("web",),
            "update-delay": ("soon",),
            "generic-resource": ("gpu=many",),
            "log-opt": ("a",),
        }
    )
    # WHEN it is judged THEN each has its own error
    wrong = {finding.flag for finding in form.findings if finding.severity is Severity.ERROR}
    assert {"name", "update-delay", "generic-resource"} <= wrong
    # WHEN one goes from error to error THEN each is come to
    seen = set()
    for _ in range(len(wrong)):
        assert form.next_error()
        assert form.field is not None
        seen.add(form.field.name)
    assert seen == wrong


def test_what_the_engine_refused_stays_at_its_field_until_that_is_changed() -> None:
    # GIVEN a form that was sent
    form = make("service-create")
    form.fill({"IMAGE": ("nginx",), "name": ("new",)})
    # WHEN the engine refuses the name
    form.refuse("name conflicts with an existing object", "name", "the engine: rpc error")
    # THEN the cursor is there, with the sentence
    assert form.field is not None
    assert form.field.name == "name"
    assert sentences(form, "name") == ["name conflicts with an existing object"]
    assert form.values["name"] == ("new",)
    # WHEN the name is changed THEN it goes
    type_in(form, "2")
    assert sentences(form, "name") == []


@pytest.mark.parametrize("api_version", ["1.24", "1.40", "1.51"])
def test_flags_that_the_engine_does_not_have_are_refused_at_their_field(api_version: str) -> None:
    # GIVEN an engine WHEN a capability is added, which came with API 1.41
    form = make("service-create", api_version=api_version)
    form.fill({"IMAGE": ("nginx",), "cap-add": ("NET_ADMIN",)})
    # THEN it is said where the engine is older, in the CLI's words
    said = sentences(form, "cap-add")
    assert bool(said) == (api_version != "1.51")
    assert all("requires API version 1.41" in text for text in said)


HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "a" * 5000,
    "-" * 3000 + "!",
    "a" * 40 + "!",
    "é" * 200,
    "‮evil",
    "x\ny",
    ",,,,,",
    '"',
    "=",
    "type=,source=,target=",
    "${HOME}",
    "0" * 300,
    "99999999999999999999999999999",
    "../../etc/passwd",
    "\x00",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_any_value_in_any_field_is_judged_and_drawn(number: int) -> None:
    # GIVEN a hostile value
    value = HOSTILE[number]
    for name, field in all_fields(form("service-create")).items():
        filled = make("service-create")
        filled.fill({"IMAGE": ("nginx",), name: (value,)})
        # WHEN it stands in a field
        filled.go(name)
        judged = filled.judged
        # THEN it is judged, the line means the same again, and no row is wider than its place
        if judged.request is not None and field.shape is not Shape.SWITCH:
            back = parse_line(judged.line)
            assert back == judged.request or not isinstance(back, ServiceCreate)
        for row in field_rows(filled, 78, roomy=False).lines:
            assert line_width(row) <= 80, name
        assert len(equal_rows(filled, 76, 2)) <= 2


def test_every_page_is_drawn_at_any_width() -> None:
    # GIVEN a form with something in many fields
    form = make("service-create")
    form.fill({"IMAGE": ("nginx",), "env": ("A=1", "B=2"), "publish": ("8080:80",), "mode": ("global",)})
    for width in (54, 78, 86, 200):
        for page in range(len(form.groups)):
            form.open_page(page)
            # WHEN a page is drawn THEN no row is wider than its place
            rows = field_rows(form, width, roomy=True).lines
            assert all(line_width(row) <= width + 2 for row in rows)
    assert all(line_width(row) <= 25 for row in section_rows(form, 25))
    keys(form, "ctrl+f")
    assert find_rows(form, 60)[0]


def test_values_of_a_request_make_the_same_request_again() -> None:
    # GIVEN a line with many flags
    line = (
        "docker service create --name a --mode global --network name=app,alias=x -p published=81,target=80,mode=host "
        '--env "A=one, two" --mount type=bind,source=/a,target=/b --init=false --limit-memory 64m nginx:1 run --fast'
    )
    request = parse_line(line)
    assert isinstance(request, ServiceCreate)
    form = make("service-create")
    # WHEN it fills a form, and each field is gone through
    form.fill(values_of(form.spec, request))
    for _ in all_fields(form.spec):
        keys(form, "tab")
    for _ in form.groups:
        keys(form, "f4")
    # THEN the form comes to the same request
    assert parse_line(form.judged.line) == request


@pytest.mark.parametrize(
    ("form_id", "line"),
    [("service-create", "docker service create IMAGE"), ("network-create", "docker network create NETWORK")],
)
def test_what_is_not_typed_yet_stands_in_the_line_as_the_cli_names_it(form_id: str, line: str) -> None:
    # GIVEN an empty form THEN its line has the argument's name, in capitals
    assert make(form_id).judged.line == line
