"""What is written down of a change, and what is left out of it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from backends.api import Json
from backends.change.journal import Ending, Entry, Journal
from backends.change.line import parse_line
from backends.change.outcome import State
from backends.change.perform import perform
from backends.change.plan import Plan, plan
from backends.change.redaction import HIDDEN, redacted_line, redacted_step
from backends.change.requests import Request
from backends.change.steps import Step
from backends.errors import ReadOnly
from tests.unit.change_scripted import NoWait, Scripted
from tests.unit.change_support import StandIn, surroundings
from tests.unit.change_world import world


def test_secrets_are_left_out_of_a_line() -> None:
    # GIVEN a line full of secrets
    request = parse_line(
        "docker service create --name db -e MYSQL_ROOT_PASSWORD=hunter2 -e API_TOKEN=t0k -e LOG_LEVEL=debug "
        "-e DSN=postgres://u:p4ss@h/db -l ssh_key=abc --secret source=db_pass,target=p --log-opt splunk-token=xyz "
        "--mount 'type=volume,source=v,target=/v,\"volume-opt=o=username=u,password=hush\"' "
        "mysql:8 --password seekrit --port=3306 --admin-token=adm"
    )
    assert isinstance(request, Request)
    # WHEN it is written down
    line = redacted_line(request)
    # THEN no secret is in it, and the rest is
    for secret in ("hunter2", "t0k", "p4ss", "=abc", "xyz", "hush", "seekrit", "adm "):
        assert secret not in f"{line} "
    for kept in ("LOG_LEVEL=debug", f"MYSQL_ROOT_PASSWORD={HIDDEN}", "source=db_pass,target=p", "--port=3306"):
        assert kept in line


def test_tokens_and_data_are_left_out_of_requests() -> None:
    # GIVEN requests with secrets in their bodies
    join = Step("POST", "/swarm/join", {"JoinToken": "SWMTKN-1", "RemoteAddrs": ["a"]})
    data = Step("POST", "/secrets/create", {"Name": "x", "Data": "czNjcmV0"})
    env = Step("POST", "/services/create", {"TaskTemplate": {"ContainerSpec": {"Env": ["DB_PASS=x", "A=1"]}}})
    # THEN what is written has none of them
    assert redacted_step(join)["body"] == {"JoinToken": HIDDEN, "RemoteAddrs": ["a"]}
    assert redacted_step(data)["body"] == {"Name": "x", "Data": HIDDEN}
    assert "DB_PASS=***" in json.dumps(redacted_step(env))
    # names of the cluster are no secrets
    request = parse_line("docker service create -e USER=me --constraint node.labels.key==a nginx")
    assert isinstance(request, Request)
    assert redacted_line(request) == "docker service create --env USER=me --constraint node.labels.key==a nginx"
    # and the join line has none of them either
    request = parse_line("docker swarm join --token SWMTKN-1-aaa mgr:2377")
    assert isinstance(request, Request)
    assert redacted_line(request) == f"docker swarm join --token {HIDDEN} mgr:2377"


def test_the_journal_is_for_our_eyes_only(tmp_path: Path) -> None:
    # GIVEN a file that was readable by all before
    path = tmp_path / "state" / "journal.jsonl"
    path.parent.mkdir()
    path.write_text("")
    path.chmod(0o644)
    journal = Journal(path)
    # WHEN two entries are appended
    for i in range(2):
        journal.append(Entry(float(i), "prod", f"docker service scale web={i}", "done", "Done."))
    # THEN only we may read it, and both are there in order
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.line for entry in journal.tail()] == ["docker service scale web=0", "docker service scale web=1"]


def test_a_spoilt_journal_is_read_as_far_as_it_can_be(tmp_path: Path) -> None:
    # GIVEN a journal with lines of anything
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(Entry(1.0, "a", "docker network rm x", "done"))
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b'\xff\xfe not json\n{"time": "x"}\n[1]\n')
    journal.append(Entry(2.0, "a", "docker network rm y\nz", "refused", "No."))
    # THEN what can be read is, and a line break does not make two entries of one
    assert [entry.time for entry in journal.tail()] == [1.0, 2.0]
    assert journal.tail(1)[0].line == "docker network rm y\nz"
    assert Journal(tmp_path / "nowhere").tail() == ()


async def _planned(line: str, engine: StandIn) -> Plan:
    request = parse_line(f"docker {line}")
    assert isinstance(request, Request)
    found = await plan(request, world(), engine, around=surroundings({}))
    assert isinstance(found, Plan)
    return found


async def test_what_is_done_is_written_down(tmp_path: Path) -> None:
    # WHEN a plan is done
    engine, journal = Scripted(), Journal(tmp_path / "journal.jsonl")
    outcome = await perform(
        await _planned("service create --name new -e KEY=hush nginx", engine),
        engine,
        journal=journal,
        context="prod",
        clock=NoWait(),
    )
    # THEN the journal has its line, context, time and outcome
    assert outcome.state is State.DONE
    (entry,) = journal.tail()
    line = f"docker service create --name new --env KEY={HIDDEN} nginx"
    assert (entry.time, entry.context, entry.line) == (1000.0, "prod", line)
    # a new service was taken; nobody has watched here whether it runs
    assert (entry.outcome, entry.detail) == (Ending.TAKEN, "Done.")


async def test_a_change_that_killed_us_is_written_down(tmp_path: Path) -> None:
    # GIVEN an engine that sees how the journal stands while it is asked
    journal, seen = Journal(tmp_path / "journal.jsonl"), list[Entry]()

    def answer(_: Scripted, __: Json) -> Json:
        seen.extend(journal.tail())
        raise KeyboardInterrupt

    # WHEN we are stopped in the middle of it
    with pytest.raises(KeyboardInterrupt):
        await perform(await _planned("service rm web", Scripted(answer)), Scripted(answer), journal=journal)
    # THEN it was there before it was sent, and how it ended is not known
    assert [entry.outcome for entry in seen] == ["sent"]
    assert [(entry.id, entry.outcome) for entry in journal.tail()] == [(seen[0].id, "unknown")]


async def test_what_is_refused_before_sending_is_not_sent(tmp_path: Path) -> None:
    # WHEN a plan cannot work
    engine, journal = Scripted(), Journal(tmp_path / "journal.jsonl")
    made = await _planned("service create -p 8080:80 nginx", engine)
    outcome = await perform(made, engine, journal=journal, clock=NoWait())
    # THEN nothing goes out unless it is overridden
    assert outcome.state is State.REFUSED
    assert engine.sent == []
    assert journal.tail() == ()
    assert (await perform(made, engine, journal=journal, override=True, clock=NoWait())).state is State.DONE


async def test_a_read_only_session_is_written_down_as_refused(tmp_path: Path) -> None:
    # WHEN a read-only session tries
    engine, journal = Scripted(), Journal(tmp_path / "journal.jsonl")
    with pytest.raises(ReadOnly):
        await perform(await _planned("service rm web", engine), engine, journal=journal, readonly=True, clock=NoWait())
    # THEN nothing was sent, and the try is in the journal
    assert engine.sent == []
    assert journal.tail()[0].outcome == "refused"


async def test_what_cannot_be_written_down_is_not_sent(tmp_path: Path) -> None:
    # GIVEN a journal whose folder cannot be made
    (tmp_path / "file").write_text("")
    engine = Scripted()
    journal = Journal(tmp_path / "file" / "x" / "journal.jsonl")
    # WHEN a plan is done, THEN that is an error, and nothing went out
    with pytest.raises(OSError, match="Not a directory"):
        await perform(await _planned("service create nginx", engine), engine, journal=journal, clock=NoWait())
    assert engine.sent == []


def test_a_journal_in_memory_is_as_good_as_long_as_it_lasts() -> None:
    # GIVEN the demo's journal
    journal = Journal(None)
    entry = Entry(1.0, "demo", "docker network rm x", Ending.SENT, id="a")
    # WHEN a change ends
    journal.append(entry)
    journal.append(entry.ended(Ending.DONE, "x removed", 0.3))
    # THEN its last outcome counts
    assert [(e.outcome, e.detail, e.seconds) for e in journal.tail()] == [("done", "x removed", 0.3)]
    assert journal.path is None
