"""What may be meant at the cursor of a docker line that changes something."""

from __future__ import annotations

import time

import pytest

from backends.change.candidates import Candidate, Known, candidates
from backends.change.completion import Completion, complete
from backends.change.flags import Source
from backends.change.line import parse_line
from backends.change.requests import Request
from tests.unit.change_support import DATA, recordings
from tests.unit.change_world import by_id, node, world

KNOWN = Known(world(), {"HOME": "/root"}, (("10.1.0.5", "eth0"),), api_version="1.51")


def _complete(line: str) -> Completion:
    """With the cursor at ``|``, or at the end."""
    cursor = line.index("|") if "|" in line else len(line)
    return complete(line.replace("|", "", 1), cursor, KNOWN)


@pytest.mark.parametrize(
    ("line", "replaced", "first"),
    [
        ("", "", "service"),
        ("docker ne", "ne", "network"),
        (":service up", "up", "update"),
        ("sudo docker swarm jo", "jo", "join"),
        ("service create --na", "--na", "--name"),
        ("service create -d --net", "--net", "--network"),
        ("service create --network ", "", "app"),
        ("service create --network=a", "--network=a", "--network=app"),
        ("service create --network name=a", "name=a", "name=app"),
        ("service create --network name=app,al", "name=app,al", "name=app,alias="),
        ("service create --mount ", "", "type=volume,"),
        ("service create --mount type=b", "type=b", "type=bind"),
        ("service create --mount type=volume,s", "type=volume,s", "type=volume,source="),
        ("service create --mount type=bind,bind-prop", "type=bind,bind-prop", "type=bind,bind-propagation="),
        ("service create -p published=8080,mode=h", "published=8080,mode=h", "published=8080,mode=host"),
        ("service create --constraint node.labels", "node.labels", "node.labels.disk==ssd"),
        ("service create --placement-pref ", "", "spread=node.labels.disk"),
        ("service create --secret db", "db", "db_pass"),
        ("service create --secret source=", "source=", "source=db_pass"),
        ("service create --mode g", "g", "global"),
        ("service create --name x ", "", "agent:1"),
        ("service create --env HO", "HO", "HOME"),
        ("service create --cap-add 'CAP_NET_A", "'CAP_NET_A", "CAP_NET_ADMIN"),
        ("service create --stop-signal ki", "ki", "SIGKILL"),
        ("service create --ulimit nof", "nof", "nofile="),
        ("service create --log-driver jo", "jo", "journald"),
        ("service create --init=", "--init=", "--init=true"),
        ("service update --publish-rm | web", "", "80"),
        ("service update --network-rm | web", "", "app"),
        ("service update --mount-rm | db", "", "/var/lib/mysql"),
        ("service update web --label-rm com| --force", "com", ""),
        ("service update --label-rm | db", "", "com.docker.stack.namespace"),
        ("service rm web ", "", "agent"),
        ("service scale w", "w", "web="),
        ("network connect lonely b", "b", "box"),
        ("network create --driver over", "over", "overlay"),
        ("network create --subnet 10.", "10.", "10.0.3.0/24"),
        ("node update --availability d", "d", "drain"),
        ("node promote w", "w", "w1"),
        ("node update w1 ", "", "--availability"),
        ("swarm init --advertise-addr ", "", "10.1.0.5"),
        ("swarm join-token m", "m", "manager"),
        ("service create nginx -", "-", ""),
        ("service create -- --na", "--na", ""),
        ("service create --name ", "", ""),
        ("images ", "", ""),
    ],
)
def test_what_may_be_meant_comes_first(line: str, replaced: str, first: str) -> None:
    found = _complete(line)
    text, cursor = line.replace("|", "", 1), line.index("|") if "|" in line else len(line)
    assert found.end == cursor
    assert text[found.start : found.end] == replaced
    assert (found.candidates[0].text if found.candidates else "") == first


def test_each_candidate_says_what_it_is() -> None:
    # THEN details tell candidates apart
    details = {c.text: c.detail for c in _complete("service create --constraint ").candidates}
    assert details["node.role==worker"] == "matches 2 of 3"
    assert _complete("service scale web").candidates == (Candidate("web=", "now 2", more=True),)
    assert _complete("network create -d ").candidates[0].detail.startswith("containers of one node")


def test_what_was_given_once_is_not_offered_again() -> None:
    # GIVEN a line with a flag that counts once, and one that may be repeated
    names = {c.text for c in _complete("service create --name x -p 80 --").candidates}
    # THEN only the second is offered again
    assert "--name" not in names
    assert "--publish" in names


def test_what_the_engine_does_not_have_is_not_offered() -> None:
    # GIVEN an old engine
    found = complete("service create --", 17, Known(world(), api_version="1.40"))
    # THEN flags of newer ones are missing
    names = {c.text for c in found.candidates}
    assert "--cap-add" not in names
    assert "--network" in names


def test_only_what_can_be_meant_is_offered() -> None:
    # THEN services are offered networks of the Swarm and the host's
    for line in ("service create --network ", "service create --network name=", "service update --network-add | web"):
        names = {c.text.removeprefix("name=") for c in _complete(line).candidates}
        assert "app" in names
        assert "host" in names
        assert not names & {"bridge", "blog"}, line
    # and workers are promoted, managers demoted, and what each engine has of its own is not removed
    assert {c.text for c in _complete("node promote ").candidates} == {"w1", "w2"}
    assert {c.text for c in _complete("node demote ").candidates} == {"mgr"}
    assert not {c.text for c in _complete("network rm ").candidates} & {"bridge", "host", "none"}
    # and a container leaves a network that it is on
    assert [c.text for c in _complete("network disconnect blog ").candidates] == ["box"]
    assert _complete("network disconnect app ").candidates == ()


def test_words_that_never_change_are_offered_again_and_again() -> None:
    # WHEN the same is asked twice
    for line in ("service create --stop-signal ", "service create --cap-add "):
        # THEN the answer is the same
        assert _complete(line).candidates == _complete(line).candidates
        assert len(_complete(line).candidates) > 20


def test_paths_are_left_to_the_caller() -> None:
    # THEN it is told what is there and that it is a path; nothing is read here
    found = _complete("service create --mount type=bind,source=/sr")
    assert (found.source, found.typed, found.candidates) == (Source.FILE, "/sr", ())
    assert _complete("service create --env-file /").candidates == ()
    found = _complete("secret create x ./a")
    assert (found.source, found.typed) == (Source.FILE, "./a")


def test_names_are_quoted_as_the_line_needs_it() -> None:
    # GIVEN a node whose name a shell would take apart
    snapshot = world(nodes=by_id(node("n 1", manager=True), node("n'2")))
    found = complete("node rm n", 9, Known(snapshot))
    # THEN the line that is made of it means that node
    for candidate, name in zip(found.candidates, ("n 1", "n'2"), strict=True):
        request = parse_line(f"node rm {candidate.text}")
        assert isinstance(request, Request)
        assert request.arguments == (name,)


def test_nothing_is_made_up_where_nothing_is_known() -> None:
    # THEN an empty snapshot has no candidates of what a cluster has, and no source fails
    for source in Source:
        found = candidates(source, Known())
        assert not found or source in (Source.CAPABILITY, Source.SIGNAL, Source.SUBNET, Source.NETWORK_DRIVER)


def test_every_beginning_of_every_line_can_be_completed() -> None:
    # GIVEN broken lines and lines as people write them
    lines = [line.partition(" => ")[0] for line in (DATA / "broken-lines.txt").read_text().splitlines()]
    lines += [" ".join(row["argv"]) for row in recordings("cli-requests")[1::4]]
    begun = time.process_time()
    count = 0
    for line in lines:
        for cursor in range(0, len(line) + 1, 3):
            found = complete(line, cursor, KNOWN)
            count += 1
            # THEN what is replaced lies before the cursor, and nobody waits for it
            assert 0 <= found.start <= found.end == cursor
    assert (time.process_time() - begun) / count < 0.01
