"""What engines say when they refuse, in one sentence of the right kind."""

from __future__ import annotations

import pytest

from backends.engine.failures import message_of, refusal
from backends.errors import ApiError, BackendError, Conflict, NoQuorum, NotFound, NotManager, Unsupported

RPC = "rpc error: code = Unknown desc = "


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (404, "No such container: x", NotFound),
        (409, "name conflicts with an existing object: service web already exists", Conflict),
        (500, f"{RPC}update out of sequence", Conflict),
        (500, f"{RPC}The swarm does not have a leader. It's possible that too few managers are online.", NoQuorum),
        (500, f"{RPC}raft: failed to process the request: node lost leader status", NoQuorum),
        (503, "This node is not a swarm manager. Worker nodes can't be used to view or modify", NotManager),
        (503, 'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join"', NotManager),
        (503, "Swarm is encrypted and needs to be unlocked before it can be used.", NotManager),
        (503, "This node is already part of a swarm.", ApiError),
        (400, "client version 1.52 is too new. Maximum supported API version is 1.51", Unsupported),
        (400, f"{RPC}ContainerSpec: duplicate mount point: /x", ApiError),
    ],
)
def test_the_kind_of_a_refusal(status: int, message: str, kind: type[BackendError]) -> None:
    error = refusal(status, message)
    assert type(error) is kind
    assert error.original == message


def test_the_engines_words_lose_their_wrapping() -> None:
    error = refusal(400, "rpc error: code = InvalidArgument desc = secret not found: x\nsecond line")
    assert str(error) == "Secret not found: x second line."


def test_names_keep_their_case() -> None:
    assert str(refusal(404, "nginx:nope not found")) == "nginx:nope not found."


def test_a_worker_and_an_engine_without_a_swarm_are_told_apart() -> None:
    worker = refusal(503, "This node is not a swarm manager. Worker nodes can't be used to view")
    alone = refusal(503, 'This node is not a swarm manager. Use "docker swarm init"')
    assert "worker" in str(worker)
    assert "not part of a Swarm" in str(alone)


def test_a_refusal_without_words_names_the_status() -> None:
    assert str(refusal(502, "")) == "The engine answered with HTTP status 502."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message":"no such thing"}', "no such thing"),
        (b'{"other":1}', '{"other":1}'),
        (b"<html>Bad Gateway</html>", "<html>Bad Gateway</html>"),
        (b"\xff\xfe", "��"),
        (b"[" * 100_000, "[" * 4000),
        (b"", ""),
    ],
)
def test_the_message_of_any_body(body: bytes, message: str) -> None:
    assert message_of(body) == message
