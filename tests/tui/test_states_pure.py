"""Each state says what is wrong, shows the evidence and names the key; row 0 tells it at any width."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from backends.model import EMPTY, Kind, Link, LinkState, Snapshot
from backends.state.health import service_health
from tests.tui.stage import NOW, FakeCluster, live
from tests.unit.actions_support import WORKER
from tui.frame import states
from tui.frame.header import Header, header
from tui.frame.session import Session
from tui.frame.states import State, state_of
from tui.frame.tally import Tally
from tui.tables.spec import Moment
from tui.text.span import joined, plain

SOCKET = "unix:///var/run/docker.sock"


def session(**fields: Any) -> Session:
    fields.setdefault("context", "prod-eu")
    return Session(cluster=FakeCluster(live()), endpoint=SOCKET, **fields)


def at(snapshot: Snapshot) -> Moment:
    return Moment(snapshot, NOW)


def linked(state: LinkState, **fields: Any) -> Snapshot:
    return replace(live(), link=Link(endpoint=SOCKET, state=state, **fields))


def worker() -> Snapshot:
    """A node that is no manager."""
    base = live()
    assert base.engine is not None
    membership = msgspec.structs.replace(
        base.engine.swarm,
        control_available=False,
        remote_managers=(("m1", "10.20.0.11:2377"), ("m2", "10.20.0.12:2377")),
    )
    return replace(base, engine=msgspec.structs.replace(base.engine, swarm=membership))


def text(found: Header) -> str:
    return "".join(plain(piece.row) for piece in (*found.left, *found.right))


def row_0(snapshot: Snapshot, width: int = 160, **fields: Any) -> str:
    tally = Tally()
    return text(header(at(snapshot), session(**fields), tally.count(snapshot, NOW), width))


# The link


@pytest.mark.parametrize("width", [80, 120, 160])
def test_what_a_living_engine_does_not_answer_is_said(width: int) -> None:
    # GIVEN an engine that answers, but not all that it is asked
    snapshot = linked(LinkState.LIVE, problem="The engine does not list its services: it broke.")
    # THEN row 0 does not claim that all is live, and says what is not
    assert "▲ live in part" in row_0(snapshot, width)
    assert "▲ the engine does not list its services: it broke" in row_0(snapshot, width)


def test_a_link_that_never_answered_stays_unreachable_while_it_is_tried_again() -> None:
    # GIVEN an engine that was never reached and is being asked again
    snapshot = replace(EMPTY, link=Link(endpoint=SOCKET, state=LinkState.CONNECTING, problem="There is no socket x."))
    # THEN the reason stays on screen
    assert state_of(snapshot) is State.UNREACHABLE
    assert state_of(replace(EMPTY, link=Link(endpoint=SOCKET))) is State.CONNECTING


def test_denied_says_what_is_there_and_how_to_get_in() -> None:
    # GIVEN a socket that this user may not open
    snapshot = linked(
        LinkState.DENIED,
        problem="deploy may not use /var/run/docker.sock: it belongs to root, group docker, with mode 0660.",
        hint="You are deploy, in group deploy. To join: sudo usermod -aG docker deploy, then log in again.",
    )
    # WHEN it is shown
    screen = states.whole_screen(at(snapshot), session(), 120)
    assert screen is not None
    # THEN the first way out is the line to type, and the last the demo
    assert screen.title == "No access to the engine"
    assert screen.copies[0] == "sudo usermod -aG docker deploy"
    assert screen.copies[-1] == "dnet-tui --demo"
    shown = joined(screen.lines)
    assert "it belongs to root, group docker" in shown
    assert "Being in group docker means being root on this machine." in shown


def test_unreachable_says_why_and_when_the_next_try_is() -> None:
    # GIVEN no socket at all
    snapshot = linked(
        LinkState.UNREACHABLE,
        problem="There is no socket /x.",
        hint="Try: systemctl start docker",
        attempt=4,
        next_try=NOW + 7,
    )
    # WHEN it is shown, THEN the sentence, the line that helps and the next try are there
    screen = states.whole_screen(at(snapshot), session(), 100)
    assert screen is not None
    shown = joined(screen.lines)
    assert "There is no socket /x." in shown
    assert screen.copies[0] == "systemctl start docker"
    assert "Asked 4 times; next try in 7 s." in shown


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
@pytest.mark.parametrize("state", [LinkState.DENIED, LinkState.UNREACHABLE])
def test_states_fit_their_width(width: int, state: LinkState) -> None:
    # GIVEN a long reason
    snapshot = linked(state, problem="word " * 40, hint="hint " * 30)
    # WHEN it is shown, THEN what is said is wrapped, not cut
    screen = states.whole_screen(at(snapshot), session(), width)
    assert screen is not None
    assert joined(screen.lines).count("word") == 40


@pytest.mark.parametrize("state", [LinkState.LIVE, LinkState.STALE])
def test_what_is_known_is_shown(state: LinkState) -> None:
    # GIVEN an engine that has answered
    # THEN nothing takes the place of the pages
    assert states.whole_screen(at(linked(state)), session(), 100) is None


# The Swarm


def test_a_worker_says_what_it_knows_and_where_the_managers_are() -> None:
    # WHEN a view of the Swarm is opened on a worker
    shown = joined(states.notice(at(worker()), "services", 100))
    # THEN it says why it is empty and where to go on
    assert "This node is a worker: it knows its own containers, not the services." in shown
    assert "10.20.0.11, 10.20.0.12" in shown
    assert "dnet-tui -H ssh://USER@10.20.0.11" in shown
    # AND what a worker does know is shown
    assert states.notice(at(worker()), "containers", 100) == ()


def test_an_engine_without_a_swarm_says_so() -> None:
    # GIVEN a plain engine
    base = live()
    assert base.engine is not None
    plain_engine = msgspec.structs.replace(base.engine, swarm=type(base.engine.swarm)())
    shown = joined(states.notice(at(replace(base, engine=plain_engine)), "nodes", 100))
    # THEN it says so and how to begin one
    assert "is not part of a Swarm: it has no nodes." in shown
    assert "docker swarm init" in shown


def test_without_a_leader_the_verdict_names_the_managers() -> None:
    # GIVEN two managers of which the other is gone, and nothing listed yet
    base = live()
    other = msgspec.structs.replace(
        base.nodes[WORKER],
        role="manager",
        manager=type(next(iter(base.nodes.values())).manager)(reachability="unreachable"),  # type: ignore[misc]
    )
    snapshot = replace(
        base,
        manager_problem="The Swarm has no leader.",
        nodes=MappingProxyType({**base.nodes, WORKER: other}),
        listed=MappingProxyType({}),
    )
    # WHEN a view of the Swarm is opened
    shown = joined(states.notice(at(snapshot), "services", 120))
    # THEN the verdict says what is needed and what is still true
    assert "no quorum" in shown
    assert "manager-1, here" in shown
    assert "start worker-1" in shown
    assert "still true" in shown


def test_lists_read_before_the_leader_was_lost_stay_with_their_time() -> None:
    # GIVEN services that were listed while there was a leader
    snapshot = replace(live(), manager_problem="The Swarm has no leader.", listed={Kind.SERVICE: NOW - 100})
    # THEN they are shown, as of then
    assert states.notice(at(snapshot), "services", 100) == ()
    assert states.leaderless(snapshot, "services")
    assert states.read_at(snapshot, "services") == NOW - 100
    assert not states.leaderless(snapshot, "containers")


# Row 0


def test_row_0_counts_what_is_wrong() -> None:
    # WHEN two of three replicas run and a node is down
    shown = row_0(live())
    # THEN it is said in words, and in signs where there is less room
    assert "on manager-1 ★" in shown
    assert "nodes 2 ✗ 1 down" in shown
    assert "services 2" in shown
    assert shown.rstrip().endswith("● live")
    assert "nodes 2 ✗1" in row_0(live(), 80)


@pytest.mark.parametrize(
    ("fields", "chip"),
    [
        ({"mark": "production"}, " PRODUCTION "),
        ({"mark": "staging"}, " STAGING "),
        ({"demo": True}, " DEMO "),
        ({"readonly": True}, " READ-ONLY "),
    ],
)
def test_chips_are_lit_in_every_state(fields: dict[str, Any], chip: str) -> None:
    # WHEN the context is marked, THEN the chip is there, whatever the link does
    for state in LinkState:
        assert chip in row_0(linked(state, problem="Gone."), **fields)


def test_production_tints_the_whole_row() -> None:
    # WHEN the context is production, THEN row 0 has its tint
    counts = Tally().count(live(), NOW)
    assert header(at(live()), session(mark="production"), counts, 80).base == "on_prodbar"
    assert header(at(live()), session(), counts, 80).base == "on_surf"


def test_a_stale_row_0_says_since_when_why_and_when_it_is_tried_again() -> None:
    # GIVEN an engine that went away 14 s ago
    gone = linked(
        LinkState.STALE, since=NOW - 14, problem="There is no socket /x.", attempt=5, next_try=NOW + 3, fresh=NOW - 14
    )
    shown = row_0(gone)
    # THEN all of it is in row 0
    assert "✗ engine gone for 14 s; there is no socket /x; next try in 3 s, the 5th" in shown
    assert "▲ stale 14 s" in shown


def test_the_tally_judges_only_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN counts of a snapshot
    judged: list[str] = []

    def counting(service: Any, *rest: Any, **more: Any) -> Any:
        judged.append(service.id)
        return service_health(service, *rest, **more)

    monkeypatch.setattr("backends.state.judged.service_health", counting)
    tally, base = Tally(), live()
    tally.count(base, NOW)
    judged.clear()
    # WHEN one service changed
    changed = msgspec.structs.replace(base.services["svc-db"], image="mysql:8")
    tally.count(replace(base, services=MappingProxyType({**base.services, "svc-db": changed})), NOW + 1)
    # THEN only that one was judged again
    assert judged == ["svc-db"]


def test_the_reason_of_the_demo_is_one_sentence() -> None:
    # WHEN no engine answered
    reason = states.no_engine(SOCKET, "There is no socket /var/run/docker.sock.")
    # THEN the toast says where, why and what this is
    assert reason == f"No engine answered at {SOCKET}: there is no socket /var/run/docker.sock."
    assert "nothing here is real" in states.demo_reason(session(demo=True, reason=reason))
    assert states.demo_reason(session(demo=True)) == ""
    assert states.no_engine("tcp://x", "TLS failed") == "No engine answered at tcp://x: TLS failed."


def test_what_is_not_tried_again_by_itself_says_how_it_is() -> None:
    found = states.whole_screen(
        at(linked(LinkState.UNREACHABLE, attempt=1, problem="No such context.")), session(), 120
    )
    assert found is not None
    said = " ".join(plain(row) for row in found.lines)
    assert "ctrl+r tries it" in said
    assert "next try" not in said
