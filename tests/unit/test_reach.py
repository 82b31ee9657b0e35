"""How nodes are reached over SSH, in words: lists, rows below lists, details, row 0, questions, host keys."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from backends.model import ClockOffset, Key, Kind, LinkState
from backends.ssh.questions import Question, QuestionKind
from backends.ssh.report import LinkPhase
from tests.unit import reach_world as world
from tests.unit.actions_support import MANAGER, WEB
from tui.actions.entering import entrances
from tui.details.asking import (
    changed_key_rows,
    known_key_rows,
    question_title,
    secret_rows,
    unknown_key_rows,
)
from tui.details.node import node_detail
from tui.details.picker import equal_line, picker_rows
from tui.details.reach import logins_waiting, question_of, reached_line, reached_words
from tui.frame.header import header
from tui.frame.line_edit import LineEdit
from tui.frame.session import Session
from tui.frame.tally import Tally
from tui.places import Place
from tui.tables.registry import TABLES
from tui.tables.unasked import MOST, asked_note, unasked_rows
from tui.text.fit import line_width
from tui.text.span import joined, plain


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("n1", "● ssh deploy"),
        ("n2", "● ssh via worker-1"),
        ("n3", "● ssh, with sudo"),
        ("n4", "✗ host key changed"),
        ("n5", "✗ host key unknown"),
        ("n6", "▲ waits for a passphrase"),
        ("n7", "◐ connecting"),
        ("n8", "? no answer, 6m"),
        ("n9", "✗ login refused"),
        ("n10", "✗ engine forbidden"),
        (MANAGER, "● this engine"),
    ],
)
def test_a_list_says_in_a_word_how_a_node_is_reached(node: str, said: str) -> None:
    moment = world.moment(world.PASSPHRASE)
    assert plain(reached_line(moment.snapshot.nodes[node], moment)) == said


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (
            "n1",
            "ssh deploy: deploy@10.0.0.1:22; from ~/.ssh/config, Host worker-*, the node's address; its socket",
        ),
        ("n2", "ssh via worker-1: "),
        ("n4", "host key changed: "),
        ("n7", "connecting"),
        ("n9", "login refused: "),
        (MANAGER, "this engine"),
    ],
)
def test_scripts_are_told_in_the_same_words_with_what_a_detail_says(node: str, said: str) -> None:
    moment = world.moment(world.PASSPHRASE)
    found = moment.snapshot.nodes[node]
    words = reached_words(found, moment)
    assert words.startswith(said)
    assert words.startswith(plain(reached_line(found, moment)).partition(" ")[2])
    assert reached_words(msgspec.structs.replace(found, id="nobody"), moment) == "through the managers"


def test_a_node_that_a_person_tries_again_is_connecting() -> None:
    # GIVEN a node whose login was refused, and that is being tried
    moment = world.moment()
    reach = {**moment.reach, "n9": world.reach("10.0.0.9", LinkPhase.OPENING)}
    # THEN it says so; one that is silent is tried all the time, and keeps its word
    moment = replace(moment, reach=reach)
    assert plain(reached_line(moment.snapshot.nodes["n9"], moment)) == "◐ connecting"


def test_a_detail_has_the_login_who_said_so_and_the_way_to_the_engine() -> None:
    moment = world.moment()
    text = joined(node_detail(moment.snapshot.nodes["n1"], moment, 60).lines)
    for part in ("deploy@10.0.0.1:22", "Host worker-*", "its socket, forwarded", "shell on it"):
        assert part in text
    assert world.OLD in "".join(text.split())
    # AND of one that is not reached what was tried, and what helps
    text = joined(node_detail(moment.snapshot.nodes["n4"], moment, 60).lines)
    for part in ("host key changed", "take the old key out", "What was tried", "connect"):
        assert part in " ".join(text.split())


def test_a_detail_says_that_a_clock_is_off_and_what_follows() -> None:
    moment = world.moment()

    def said(ahead: float, error: float = 0.1) -> list[str]:
        clocks = {"n1": ClockOffset(ahead=ahead, error=error, at=moment.now)}
        off = replace(moment, snapshot=replace(moment.snapshot, clocks=clocks))
        detail = node_detail(off.snapshot.nodes["n1"], off, 70)
        return [" ".join(plain(row).split()) for row in (*detail.lines, *detail.compact) if "clock" in plain(row)]

    # GIVEN clocks that are off THEN both forms of a detail say how far, and what is done about it
    assert said(37.4) == ["clock 37 s ahead; its events are put in order by that"] * 2
    assert said(-125.0)[0].startswith("clock 2 min 5 s behind;")
    # AND nothing is said of what clocks usually differ, or what may be an error of measuring
    assert said(1.9) == said(30.0, error=40.0) == []


def test_nodes_that_could_not_be_asked_are_rows_those_that_wait_first_with_their_keys() -> None:
    # GIVEN more of them than rows WHEN the list of containers says what is missing
    moment = world.moment(world.PASSPHRASE)
    rows = [plain(row) for row in unasked_rows(moment, Place("containers"), Kind.CONTAINER, 100)]
    # THEN what waits for an answer comes first, then the worst, each with the key that helps at its end, and the
    # rest is counted
    assert rows[0].startswith("▲ worker-6  waits for a passphrase")
    assert rows[0].endswith("A opens it")
    assert rows[1].startswith("✗ worker-10")
    assert rows[1].endswith("t tries again")
    assert next(row for row in rows if row.startswith("✗ worker-4")).endswith("K shows the keys")
    assert "more nodes" in rows[MOST - 1]
    # AND also where a list of 11 lines has place for three only
    few = [plain(row) for row in unasked_rows(moment, Place("containers"), Kind.CONTAINER, 76)]
    assert [row.split()[1] for row in few[:2]] == ["worker-6", "worker-10"]
    assert "more nodes" in few[2]
    assert asked_note(moment, Place("containers")) == f"on 4 of {len(moment.snapshot.nodes)} nodes"


def test_a_silent_node_is_dimmed_with_its_age_and_what_is_known_of_it() -> None:
    # GIVEN the list of one node that does not answer any more
    moment, place = world.moment(), Place("containers", (Key(Kind.NODE, "n8"),))
    (row,) = unasked_rows(moment, place, Kind.CONTAINER, 140)
    # THEN the row says since when, and what is dimmed
    assert "no answer for 6 min. Its 1 container, as of" in plain(row)
    assert plain(row).endswith("t tries now")
    # AND its container is faint, without figures
    spec = TABLES["containers"]
    found = spec.row(moment.snapshot, Place("containers"), Key(Kind.CONTAINER, "ctr-web-5"))  # type: ignore[misc]
    assert spec.style is not None
    assert spec.style(found, moment) == "faint"
    state = next(column for column in spec.columns if column.id == "state")
    cell = state.cell(found, moment)
    assert not isinstance(cell, str)
    assert plain(cell) == "? 6m ago"


@pytest.mark.parametrize("cells", [20, 60, 78, 160])
def test_no_row_is_wider_than_the_list(cells: int) -> None:
    moment = world.moment(world.PASSPHRASE)
    for kind in (Kind.CONTAINER, Kind.VOLUME, Kind.IMAGE, Kind.NETWORK):
        for row in unasked_rows(moment, Place("containers"), kind, cells):
            assert line_width(row) <= cells


def test_row_0_counts_engines_and_logins_that_wait() -> None:
    # GIVEN a passphrase that one node waits for, and a live engine
    state = replace(world.snapshot(), link=world.link(LinkState.LIVE))
    moment = world.moment(world.PASSPHRASE, state=state)
    assert logins_waiting(moment) == 1
    session = Session(cluster=None, context="prod")  # type: ignore[arg-type]
    counts = Tally().count(state, world.NOW)
    wide = header(moment, session, counts, 160)
    text = "".join(plain(piece.row) for piece in wide.right)
    assert "▲ 1 login waits  A opens" in text
    assert "ssh 3 of 10" in text
    # AND at 80 columns it is short
    narrow = "".join(plain(piece.row) for piece in header(moment, session, counts, 80).right)
    assert "▲ 1 login  A" in narrow


@pytest.mark.parametrize("question", [world.PASSPHRASE, world.PASSWORD, world.HOST_KEY])
def test_a_question_is_found_for_the_node_that_waits(question: Question) -> None:
    moment = world.moment(question)
    assert question_of(moment.reach["n6"], moment) == question
    assert question_of(moment.reach["n7"], moment) is None
    assert question_title(question, moment)


def test_what_is_typed_is_a_fixed_number_of_dots() -> None:
    # GIVEN a short and a long passphrase WHEN hidden THEN they look the same, and neither is there
    moment = world.moment(world.PASSPHRASE)
    pictures = []
    for text in ("x", "a very long passphrase indeed"):
        rows = secret_rows(world.PASSPHRASE, moment, 50, LineEdit.of(text), shown=False, active=True)
        assert text not in joined(rows) or text == "x"
        pictures.append(joined(rows))
    assert pictures[0] == pictures[1]
    # AND ^v shows it
    rows = secret_rows(world.PASSPHRASE, moment, 50, LineEdit.of("geheim"), shown=True, active=True)
    assert "geheim" in joined(rows)
    assert "worker-6" in joined(rows)


def test_a_wrong_passphrase_is_said_in_the_box() -> None:
    again = replace(world.PASSPHRASE, problem="This passphrase does not open the key.")
    rows = secret_rows(again, world.moment(again), 50, LineEdit(), shown=False, active=True)
    assert "This passphrase does not open the key." in joined(rows)


@pytest.mark.parametrize("cells", [30, 50, 74, 100])
def test_fingerprints_are_never_cut(cells: int) -> None:
    # GIVEN an unknown key WHEN its box is drawn at any width THEN the fingerprint is there in full
    moment = world.moment(world.HOST_KEY)
    rows = unknown_key_rows(world.HOST_KEY, moment, cells)
    assert world.NEW in joined(rows).replace("\n", "").replace(" ", "")
    # AND of a changed key both
    rows = changed_key_rows(moment.snapshot.nodes["n4"], moment.reach["n4"], world.CHANGED, moment, cells)
    text = joined(rows).replace("\n", "").replace(" ", "")
    assert world.OLD in text
    assert world.NEW in text
    assert all(line_width(row) <= max(cells, 30) for row in rows)


def test_an_unknown_key_says_where_it_was_looked_up_and_what_a_yes_writes() -> None:
    text = joined(unknown_key_rows(world.HOST_KEY, world.moment(world.HOST_KEY), 100))
    for part in (
        "/etc/ssh/ssh_known_hosts",
        "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
        "one line goes to the end",
    ):
        assert part in text


def test_a_changed_key_names_file_and_line_and_the_steps_by_hand() -> None:
    moment = world.moment()
    text = joined(changed_key_rows(moment.snapshot.nodes["n4"], moment.reach["n4"], world.CHANGED, moment, 100))
    for part in ("known_hosts line 14", "ssh-keygen -R 10.0.0.4", "nothing in this program goes past it", "hostile"):
        assert part in text


def test_a_known_key_is_shown_too() -> None:
    moment = world.moment()
    text = joined(known_key_rows(moment.snapshot.nodes["n1"], moment.reach["n1"], moment, 100))
    assert world.OLD in text
    assert "known, and the same as before" in text


def test_hostile_prompts_stay_text() -> None:
    # GIVEN a server that sends escape sequences as its prompt
    evil = Question(
        kind=QuestionKind.PROMPT,
        what="deploy@10.0.0.6 evil",
        wanted_by="deploy@10.0.0.6",
        prompt="\x1b]52;c;AAAA\x07code",
        instruction="a\x1b[31mb\nc",
    )
    rows = secret_rows(evil, world.moment(evil), 50, LineEdit(), shown=False, active=True)
    # THEN they are told in words that the painter cleans, and no row has a line break
    assert all("\n" not in text for row in rows for text, _ in row)


# -- shells --------------------------------------------------------------------------------------------


def test_a_service_is_entered_on_every_node_that_may_be_reached() -> None:
    # GIVEN replicas here, on a live node, on one that is not connected yet and on a silent one
    found = entrances(world.snapshot(), WEB, reaching=True)
    # THEN all but the silent one's may be entered: this engine's first, then the one that is connected
    assert not isinstance(found, str)
    assert [one.name for one in found] == ["web.1", "web.4", "web.2"]
    assert [one.key.kind for one in found] == [Kind.CONTAINER, Kind.CONTAINER, Kind.TASK]


def test_without_ssh_only_this_engines_replicas_are_entered() -> None:
    state = replace(world.snapshot(), links={})
    found = entrances(state, WEB, reaching=False)
    assert not isinstance(found, str)
    assert [one.name for one in found] == ["web.1"]


def test_a_container_of_a_silent_node_says_why_not() -> None:
    found = entrances(world.snapshot(), Key(Kind.CONTAINER, "ctr-web-5"), reaching=True)
    assert isinstance(found, str)
    assert "runs on worker-8, which is not reached: No answer" in found


def test_the_picker_has_slot_node_and_state_and_the_line_by_hand() -> None:
    moment = world.moment()
    found = entrances(moment.snapshot, WEB, reaching=True)
    assert not isinstance(found, str)
    text = joined(picker_rows(found, 1, moment, 90))
    assert "▌ 4" in text
    assert "● ssh deploy" in text
    line = joined(equal_line(found[1], moment, 90))
    assert "ssh -t deploy@10.0.0.1 docker exec -it web.4.task-web-4" in line
