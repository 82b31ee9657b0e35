"""LocalCluster on a scripted engine that hangs: in all it does, or only where it would tell of events."""

from __future__ import annotations

import pytest

from backends.errors import TimedOut
from backends.model import LinkState
from backends.state.presence import SILENT
from tests.unit.scripted import HandClock, ScriptedEngine, container, populate, running, state


@pytest.fixture
def engine() -> ScriptedEngine:
    made = ScriptedEngine(HandClock())
    populate(made)
    return made


async def test_of_an_engine_that_hangs_nothing_is_said_but_that(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        said: list[tuple[LinkState, str, str]] = []

        def note(_: object) -> None:
            link = cluster.snapshot.link
            said.append((link.state, link.problem, cluster.snapshot.manager_problem))

        cluster.subscribe(note)
        # WHEN it answers neither questions about its Swarm nor a ping
        silence = TimedOut("too slow")
        engine.fails = dict.fromkeys(("list service", "list node", "list task", "swarm", "info", "GET /_ping"), silence)
        await engine.clock.advance(15.0)
        # THEN it is gone, and nothing was ever said of its managers
        assert state(cluster) == LinkState.STALE
        assert {managers for _, _, managers in said} <= {""}


async def test_a_quiet_engine_that_does_not_answer_at_once_is_not_called_live(engine: ScriptedEngine) -> None:
    async with running(engine) as cluster:
        said: list[str] = []
        cluster.subscribe(lambda _: said.append(cluster.snapshot.link.problem))
        engine.hangs = {"list service", "list node", "list task", "swarm", "info"}
        pings = iter([TimedOut("too slow")])
        asked = engine.call

        async def call(*arguments: object, **more: object) -> object:
            if (failed := next(pings, None)) is not None:
                raise failed
            return await asked(*arguments, **more)  # type: ignore[arg-type]

        engine.call = call  # type: ignore[method-assign,assignment]
        # WHEN the first ping fails and the second does not
        await engine.clock.advance(6.5)
        # THEN its silence was said, and is over
        assert SILENT in said
        assert state(cluster) == LinkState.LIVE
        assert cluster.snapshot.link.problem == ""


async def test_without_events_lists_are_read_and_that_is_said(engine: ScriptedEngine) -> None:
    engine.fails = {"events": TimedOut("no header")}
    async with running(engine) as cluster:
        assert state(cluster) == LinkState.LIVE
        assert "Events are not heard" in cluster.snapshot.link.problem
        # WHEN something happens of which no event tells
        engine.put(container("new"))
        await engine.clock.advance(7.0)
        # THEN it shows nevertheless
        assert "new" in cluster.snapshot.containers
        # WHEN the stream opens after all
        engine.fails = {}
        await engine.clock.advance(6.0)
        assert cluster.snapshot.link.problem == ""
        engine.event("container", "die", "c0", exitCode="1")
        await engine.clock.advance(0.2)
        assert cluster.snapshot.containers["c0"].state == "exited"
