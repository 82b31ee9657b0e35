"""What is sent, once; what becomes of conflicts, refusals and lost answers; what is written down."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from backends.api import Json
from backends.change.apply import apply, look_again
from backends.change.engine_words import explained
from backends.change.merge import merge
from backends.change.outcome import Outcome, State
from backends.errors import ApiError, BackendError, Disconnected, NotFound, ReadOnly, TimedOut
from tests.unit.change_scripted import BEFORE, OUT_OF_SEQUENCE, NoWait, Scripted, compiled_line


async def _apply(line: str, engine: Scripted, **more: Any) -> Outcome:
    return await apply(await compiled_line(line, engine), engine, clock=NoWait(), **more)


# -- sending -----------------------------------------------------------------------------------------------------


async def test_what_is_compiled_is_sent_once() -> None:
    # WHEN a service is created
    engine = Scripted({"ID": "abc", "Warnings": ["a warning of the engine"]})
    outcome = await _apply("service create --name new nginx", engine)
    # THEN one write went out, and its ID and warnings came back
    assert outcome.state is State.DONE
    assert [(method, path) for method, path, _ in engine.sent] == [("POST", "/services/create")]
    assert outcome.ids == ("abc",)
    assert outcome.warnings == ("a warning of the engine",)


async def test_a_read_only_session_sends_nothing() -> None:
    # WHEN anything is to be changed
    engine = Scripted()
    with pytest.raises(ReadOnly):
        await _apply("service create nginx", engine, readonly=True)
    # THEN nothing went out; what only reads passes
    assert engine.sent == []
    assert (await _apply("swarm unlock-key", engine, readonly=True)).shown == {"unlock-key": "SWMKEY-1-xxx"}


async def test_a_refusal_comes_back_at_its_field_with_the_engines_words() -> None:
    # WHEN the engine refuses
    said = (
        "rpc error: code = InvalidArgument desc = port '8080' is already in use by service 'p1' (x) as an ingress port"
    )
    engine = Scripted(ApiError("Port '8080' is already in use.", status=400, original=said))
    outcome = await _apply("service update --publish-add 8080:80 web", engine)
    # THEN the form gets the flag, and the original is kept
    assert outcome.state is State.REFUSED
    assert outcome.finding is not None
    assert outcome.finding.flag == "publish-add"
    assert outcome.error is not None
    assert outcome.error.original == said


async def test_of_several_names_the_rest_is_done_all_the_same() -> None:
    # WHEN one of three networks cannot be removed
    engine = Scripted(None, ApiError("network b has active endpoints", status=403), None)
    outcome = await _apply("network rm a b c", engine)
    # THEN the others are, and the outcome says both
    assert [path for _, path, _ in engine.sent] == ["/networks/a", "/networks/b", "/networks/c"]
    assert outcome.state is State.REFUSED
    assert outcome.sentence.startswith("2 of 3 done; then: ")


async def test_force_forgives_a_network_that_is_not_there() -> None:
    # WHEN a network is gone already
    engine = Scripted(NotFound("no such network", status=404))
    # THEN --force takes that for done
    assert (await _apply("network rm -f gone", engine)).state is State.DONE


# -- conflicts ---------------------------------------------------------------------------------------------------


async def test_a_version_that_only_moved_is_sent_again_without_asking() -> None:
    # GIVEN a rollout that moves the version while the spec stays
    def moved(engine: Scripted, _: Json) -> Json:
        engine.version = 77
        raise OUT_OF_SEQUENCE

    engine = Scripted(moved, {"Warnings": None})
    # WHEN a label is added
    outcome = await _apply("service update --label-add a=b web", engine)
    # THEN the same is sent with the new version
    assert outcome.state is State.DONE
    first, second = engine.sent
    assert "version=31" in first[1]
    assert "version=77" in second[1]
    assert first[2] == second[2]


async def test_another_change_is_never_overwritten_but_put_beside() -> None:
    # GIVEN somebody who changes the same service meanwhile
    theirs = copy.deepcopy(BEFORE)
    theirs["TaskTemplate"]["ContainerSpec"]["Env"] = ["A=theirs", "B=2", "C=3"]
    theirs["Labels"]["who"] = "they"

    def changed(engine: Scripted, _: Json) -> Json:
        engine.version, engine.service = 90, theirs
        raise OUT_OF_SEQUENCE

    engine = Scripted(changed, {"Warnings": None})
    # WHEN we change an environment variable and a port
    outcome = await _apply("service update --env-add A=mine --publish-add 9000:90 web", engine)
    # THEN nothing more is sent, and both changes are merged by key
    assert outcome.state is State.CONFLICT
    assert len(engine.sent) == 1
    assert outcome.merge is not None
    assert outcome.merge.merged["TaskTemplate"]["ContainerSpec"]["Env"] == ["A=mine", "B=2", "C=3"]
    assert outcome.merge.merged["Labels"]["who"] == "they"
    assert len(outcome.merge.merged["EndpointSpec"]["Ports"]) == 2
    (conflict,) = outcome.merge.conflicts
    assert (conflict.path[-1], conflict.base, conflict.mine, conflict.theirs) == ("A", "A=1", "A=mine", "A=theirs")
    # and what a person has seen can be sent
    assert outcome.retry is not None
    again = await apply(outcome.retry, engine, clock=NoWait())
    assert again.state is State.DONE
    assert "version=90" in engine.sent[-1][1]
    assert engine.sent[-1][2] == outcome.merge.merged


async def test_a_version_that_never_stands_still_ends_in_words() -> None:
    # GIVEN a service that changes at every try
    engine = Scripted(*[OUT_OF_SEQUENCE] * 9)
    outcome = await _apply("service update --label-add a=b web", engine)
    # THEN it is given up
    assert outcome.state is State.CONFLICT
    assert len(engine.sent) == 4


def test_a_merge_keeps_the_others_order_and_adds_ours() -> None:
    # GIVEN three versions of mounts
    base = {"TaskTemplate": {"ContainerSpec": {"Mounts": [{"Target": "/z"}, {"Target": "/a"}]}}}
    mine = {"TaskTemplate": {"ContainerSpec": {"Mounts": [{"Target": "/a"}, {"Target": "/new"}, {"Target": "/z"}]}}}
    theirs = {"TaskTemplate": {"ContainerSpec": {"Mounts": [{"Target": "/z", "ReadOnly": True}, {"Target": "/a"}]}}}
    # WHEN they are merged
    both = merge(base, mine, theirs)
    # THEN theirs stands first, in its order
    mounts = both.merged["TaskTemplate"]["ContainerSpec"]["Mounts"]
    assert [(m["Target"], m.get("ReadOnly", False)) for m in mounts] == [("/z", True), ("/a", False), ("/new", False)]
    assert both.conflicts == ()


def test_a_merge_of_what_one_removed_and_the_other_changed_is_a_conflict() -> None:
    # GIVEN a label that we take out and they change
    both = merge({"Labels": {"a": "1"}}, {"Labels": {}}, {"Labels": {"a": "2"}})
    # THEN ours is taken, and shown
    assert both.merged == {"Labels": {}}
    assert both.conflicts[0].theirs == "2"
    assert both.conflicts[0].mine is None


# -- lost answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [Disconnected("The connection ended."), TimedOut("No answer within 40 s.")])
async def test_a_create_whose_answer_was_lost_is_found_done(lost: BackendError) -> None:
    # GIVEN an engine that does it and whose answer never comes
    engine = Scripted(lost)
    compiled = await compiled_line("service create --name new nginx", engine)
    body = copy.deepcopy(compiled.writes[0].body)
    assert isinstance(body, dict)
    task = body["TaskTemplate"]
    assert isinstance(task, dict)
    task["Runtime"] = "container"  # as the engine adds it
    engine.reads["/services/new"] = {"ID": "abc", "Spec": body}
    # WHEN it is looked up
    outcome = await apply(compiled, engine, clock=NoWait())
    # THEN it is done, and was sent once
    assert outcome.state is State.DONE
    assert len(engine.sent) == 1


async def test_a_create_that_cannot_be_found_is_unknown_and_not_sent_again() -> None:
    # GIVEN an engine that lost it
    engine = Scripted(Disconnected("The connection ended."))
    engine.reads["/services/new"] = NotFound("service new not found", status=404)
    outcome = await _apply("service create --name new nginx", engine)
    # THEN it is said so
    assert outcome.state is State.UNKNOWN
    assert "was not sent again" in outcome.sentence
    assert len(engine.sent) == 1


@pytest.mark.parametrize(
    ("line", "reads", "state"),
    [
        ("service create nginx", {}, State.UNKNOWN),
        ("service rm web", {"/services/web": NotFound("gone", status=404)}, State.DONE),
        ("service rm web", {}, State.UNKNOWN),
        ("network create n", {"/networks/n": {"Id": "x"}}, State.DONE),
        ("network create n", {"/networks/n": NotFound("no", status=404)}, State.UNKNOWN),
        (
            "network connect app web",
            {"/containers/web/json": {"NetworkSettings": {"Networks": {"app": {"NetworkID": "nid"}}}}},
            State.DONE,
        ),
        ("network disconnect app web", {"/containers/web/json": {"NetworkSettings": {"Networks": {}}}}, State.DONE),
        ("secret create x FILE", {"/secrets": [{"Spec": {"Name": "x"}}]}, State.DONE),
        ("secret create x FILE", {"/secrets": []}, State.UNKNOWN),
        ("swarm leave", {"/info": {"Swarm": {"LocalNodeState": "inactive"}}}, State.DONE),
        ("swarm join --token t a:2377", {"/info": {"Swarm": {"LocalNodeState": "pending"}}}, State.UNKNOWN),
        ("swarm join --token t a:2377", {"/info": {"Swarm": {"LocalNodeState": "active"}}}, State.DONE),
        ("service update --label-add a=b web", {}, State.UNKNOWN),
    ],
)
async def test_each_kind_of_write_is_looked_for_where_it_would_be(
    line: str, reads: dict[str, Any], state: State
) -> None:
    # GIVEN a write whose answer is lost
    engine = Scripted(Disconnected("The connection ended."))
    compiled = await compiled_line(line, engine)
    engine.reads.update(reads)
    # WHEN it is looked for
    outcome = await apply(compiled, engine, clock=NoWait())
    # THEN what is there decides, and it went out once
    assert outcome.state is state, outcome
    assert len(engine.sent) == 1


async def test_an_update_whose_answer_was_lost_is_found_by_its_spec() -> None:
    # GIVEN an engine that took the update
    def taken(engine: Scripted, body: Json) -> Json:
        engine.version, engine.service = 32, body
        raise Disconnected("The connection ended.")

    engine = Scripted(taken)
    # THEN it is found done
    assert (await _apply("service update --env-add A=5 web", engine)).state is State.DONE


async def test_the_connection_is_made_again_to_look() -> None:
    # GIVEN an engine that is away for two looks
    engine = Scripted(Disconnected("The connection ended."))
    compiled = await compiled_line("network create n", engine)
    engine.reads["/networks/n"] = Disconnected("There is no connection.")
    tries = 0

    async def reconnect() -> None:
        nonlocal tries
        tries += 1
        if tries == 2:
            engine.reads["/networks/n"] = {"Id": "x"}

    # WHEN it is looked for
    outcome = await apply(compiled, engine, clock=NoWait(), reconnect=reconnect)
    # THEN it is connected again until it can be seen
    assert (outcome.state, tries) == (State.DONE, 2)


async def test_what_follows_a_lost_answer_is_sent_when_it_was_found_done() -> None:
    # GIVEN three networks, where the answer to the second removal is lost, which was done
    engine = Scripted(None, Disconnected("The connection ended."), None)
    engine.reads["/networks/b"] = NotFound("gone", status=404)
    outcome = await _apply("network rm a b c", engine)
    # THEN each was sent once, and how it was is said
    assert [path for _, path, _ in engine.sent] == ["/networks/a", "/networks/b", "/networks/c"]
    assert outcome.state is State.DONE
    assert "the answer was lost" in outcome.sentence


async def test_the_id_of_a_service_whose_answer_was_lost_is_looked_up() -> None:
    # GIVEN a service that was made, of which no answer came
    engine = Scripted(Disconnected("The connection ended."))
    compiled = await compiled_line("service create --name new nginx", engine)
    engine.reads["/services/new"] = {"ID": "abc", "Spec": compiled.writes[0].body}
    # WHEN it is found done, THEN it can be watched
    outcome = await apply(compiled, engine, clock=NoWait())
    assert (outcome.state, outcome.ids) == (State.DONE, ("abc",))


async def test_what_is_not_known_is_looked_for_again_when_the_engine_is_back() -> None:
    # GIVEN a removal of which nothing is known, of three
    engine = Scripted(None, Disconnected("The connection ended."))
    compiled = await compiled_line("network rm a b c", engine)
    engine.reads["/networks/b"] = Disconnected("There is no connection.")
    outcome = await apply(compiled, engine, clock=NoWait())
    assert outcome.state is State.UNKNOWN
    # WHEN the engine is back, and it was done
    engine.reads["/networks/b"] = NotFound("gone", status=404)

    async def reconnect() -> None: ...

    found = await look_again(outcome, compiled, engine, reconnect, NoWait())
    # THEN that is known, the rest was not sent, and nothing was sent twice
    assert (found.state, found.sentence) == (State.REFUSED, "2 of 3 done; the rest was not sent.")
    assert [path for _, path, _ in engine.sent] == ["/networks/a", "/networks/b"]
    # and what is still not known stays so
    engine.reads["/networks/b"] = {"Id": "b"}
    assert (await look_again(outcome, compiled, engine, reconnect, NoWait())).state is State.UNKNOWN


# -- what a command is for to show -------------------------------------------------------------------------------


async def test_a_new_swarm_shows_its_join_lines() -> None:
    # WHEN a Swarm is made
    engine = Scripted("node-mgr1")
    engine.reads["/nodes/node-mgr1"] = {"ManagerStatus": {"Addr": "10.0.0.1:2377"}}
    engine.reads["/swarm"] = {"JoinTokens": {"Worker": "SWMTKN-w", "Manager": "SWMTKN-m"}}
    outcome = await _apply("swarm init", engine)
    # THEN both lines are shown, and none of them is in what may be printed or written
    assert outcome.shown["worker"] == "docker swarm join --token SWMTKN-w 10.0.0.1:2377"
    assert "SWMTKN" not in repr(outcome)


async def test_turning_autolock_on_shows_the_key_once() -> None:
    # WHEN autolock is turned on, and when it was on already
    on = await _apply("swarm update --autolock", Scripted())
    again = await _apply("swarm update --autolock", Scripted(autolock=True))
    # THEN the key is shown the first time
    assert on.shown == {"unlock-key": "SWMKEY-1-xxx"}
    assert again.shown == {}


# -- the engine's words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "flag", "words"),
    [
        (
            "rpc error: code = AlreadyExists desc = name conflicts with an existing object: service web already exists",
            "name",
            "",
        ),
        ('ContainerSpec: "Web:1" is not a valid repository/tag', "IMAGE", ""),
        ("network nosuch not found", "network", ""),
        ("secret not found: x", "secret", ""),
        (
            "invalid network config:\ninvalid subnet 10.7.9.1/24: it should be 10.7.9.0/24",
            "subnet",
            "Invalid subnet 10.7.9.1/24",
        ),
        (
            "invalid pool request: Pool overlaps with other one on this address space",
            "subnet",
            "overlaps another network",
        ),
        ("remote CA does not match fingerprint. Expected: abc", "token", "belongs to another Swarm"),
        (
            "Timeout was reached before node joined. The attempt to join the swarm will continue",
            "HOST:PORT",
            "may still join",
        ),
        (
            "error while dialing: dial tcp 10.0.0.1:2377: connect: connection refused",
            "HOST:PORT",
            "Nothing listens there",
        ),
        ("attempting to demote the last manager of the swarm", "NODE", "the last manager"),
        ("something nobody has seen", "", ""),
    ],
)
def test_the_engines_refusals_are_translated_where_they_are_unclear(said: str, flag: str, words: str) -> None:
    # WHEN the engine says it
    found = explained(ApiError("As it stands.", status=400, original=said))
    # THEN its field is known, and unclear words are replaced
    assert found.flag == flag
    assert words in found.sentence
