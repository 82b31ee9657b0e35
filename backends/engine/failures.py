"""From what engines answer to one sentence for people. Texts are those of engines 20.10 to 28.5."""

from __future__ import annotations

import re

import msgspec

from backends.errors import ApiError, BackendError, Conflict, NoQuorum, NotFound, NotManager, Unsupported

#: gRPC's wrapping of what swarmkit says.
_RPC = re.compile(r"\brpc error: code = (\w+) desc = ")
_NO_LEADER = ("does not have a leader", "lost leader status", "no elected cluster leader", "raft: no leader")


def message_of(body: bytes) -> str:
    """The engine's own words in the body of an error: ``{"message": …}``, or plain text from a proxy."""
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body[:4000].decode("utf-8", "replace").strip()
    if isinstance(decoded, dict) and isinstance(decoded.get("message"), str):
        return str(decoded["message"]).strip()
    return body[:4000].decode("utf-8", "replace").strip()


def refusal(status: int, message: str) -> BackendError:
    """The error for an HTTP status of 300 or more and the engine's message."""
    text = message.lower()
    if any(words in text for words in _NO_LEADER):
        return NoQuorum(
            "The Swarm has no leader: too few managers are reachable to agree on anything.",
            status=status,
            hint="Bring back managers until more than half answer; running tasks go on meanwhile.",
            original=message,
        )
    if status == 503 and (manager := _not_a_manager(text, status, message)) is not None:
        return manager
    if "update out of sequence" in text:
        return Conflict(
            "It was changed by someone else meanwhile.",
            status=status,
            hint="Read it again and repeat the change.",
            original=message,
        )
    if status == 400 and "client version" in text and "api version" in text:
        return Unsupported("The engine does not speak this API version.", original=message)
    sentence = _sentence(message) or f"The engine answered with HTTP status {status}."
    kind = {404: NotFound, 409: Conflict}.get(status, ApiError)
    return kind(sentence, status=status, hint=_hint(text), original=message)


def _not_a_manager(text: str, status: int, message: str) -> NotManager | None:
    if "needs to be unlocked" in text or "swarm is encrypted" in text:
        return NotManager(
            "This manager's Swarm state is locked.",
            status=status,
            hint="Unlock it with: docker swarm unlock",
            original=message,
        )
    if "not a swarm manager" not in text:
        return None
    if "worker nodes" in text:
        return NotManager(
            "This node is a worker: only a manager can show or change the Swarm.",
            status=status,
            hint="Start dnet-tui on a manager, or promote this node from one.",
            original=message,
        )
    return NotManager(
        "This engine is not part of a Swarm.",
        status=status,
        hint="Start one with docker swarm init, or join one with docker swarm join.",
        original=message,
    )


def _hint(text: str) -> str:
    if "does not support reading" in text:
        return "Its log driver sends the log elsewhere: json-file, local and journald can be read here."
    if "is not running" in text:
        return "Start the container first."
    if "is paused" in text:
        return "Unpause the container first."
    return ""


def _sentence(message: str) -> str:
    """Without gRPC's wrapping and line breaks, begun with a capital and ended with a full stop."""
    text = " ".join(_RPC.sub("", message).split())
    if not text:
        return ""
    if text[0].islower() and text.split(" ", 1)[0].isalpha():
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
