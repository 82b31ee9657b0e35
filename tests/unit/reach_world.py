"""Nodes over SSH as the screen sees them: one of each kind that can be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backends.errors import (
    AuthRefused,
    BackendError,
    HostKeyChanged,
    HostKeyUnknown,
    PermissionRefused,
    TimedOut,
)
from backends.model import Key, Kind, Link, LinkState, Node, Snapshot, Task
from backends.ssh.questions import Question, QuestionKind
from backends.ssh.report import LinkPhase, LinkReport, Step
from backends.ssh.target import Fact, Target
from backends.transport.ssh import Reach
from tests.unit.actions_support import MANAGER, by_id, container, swarm
from tui.tables.spec import Moment

NOW = 1_700_000_000.0
OLD = "SHA256:Vh7kT7uVb2eXcA9mZsR1yKdLh5gPjN0fWoI8q3BtE4s"
NEW = "SHA256:p3XdLw5nR8aVhY2kMqJ3xEeGpS7uDiB1fOo4CvT6bZc"
KEY = "/home/me/.ssh/id_deploy"


def target(host: str, **more: Any) -> Target:
    """A login of ``deploy``, with who said what."""
    facts = (
        Fact("host", host, "the node's address"),
        Fact("user", "deploy", "~/.ssh/config, Host worker-*"),
        Fact("port", "22", "~/.ssh/config, Host worker-*"),
    )
    return Target(host=host, user="deploy", keys=(KEY,), origin="~/.ssh/config, Host worker-*", facts=facts, **more)


CHANGED = HostKeyChanged(
    "The host key of w4 has changed: it is not connected, and nothing was sent to it.",
    hint="If the machine was set up anew, take the old key out.",
    old_fingerprint=OLD,
    old_algorithm="ssh-ed25519",
    file="/home/me/.ssh/known_hosts",
    line=14,
    fingerprint=NEW,
    algorithm="ssh-ed25519",
)
UNKNOWN = HostKeyUnknown("The host key of w5 is not known here.", key="ssh-ed25519 AAAA", fingerprint=NEW)
PASSPHRASE = Question(
    kind=QuestionKind.PASSPHRASE, what=KEY, wanted_by="deploy@10.0.0.6", algorithm="ssh-ed25519", fingerprint=OLD
)
PASSWORD = Question(kind=QuestionKind.PASSWORD, what="deploy@10.0.0.6", wanted_by="deploy@10.0.0.6", prompt="Password:")
HOST_KEY = Question(
    kind=QuestionKind.HOST_KEY,
    what=f"10.0.0.6 {NEW}",
    wanted_by="deploy@10.0.0.6",
    fingerprint=NEW,
    algorithm="ssh-ed25519",
    server="SSH-2.0-OpenSSH_9.2p1",
    files=("/home/me/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"),
)


def node(number: int) -> Node:
    """``worker-N`` at ``10.0.0.N``."""
    return Node(
        id=f"n{number}",
        hostname=f"worker-{number}",
        address=f"10.0.0.{number}",
        state="ready",
        created=NOW - 41 * 86400,
    )


def reach(host: str, phase: LinkPhase, problem: BackendError | None = None, how: str = "", **more: Any) -> Reach:
    """How a host is reached, or why not."""
    login = target(host, **more)
    steps = (Step("connect", True, 0.01, f"{host} port 22 answers"), Step("login", not problem, 0.1, "key"))
    report = LinkReport(login, phase, since=NOW, login="agent key", server="SSH-2.0-OpenSSH_9.2p1", fingerprint=OLD)
    return Reach((login,), report, how, "", steps, problem)


def link(state: LinkState, problem: str = "", **more: Any) -> Link:
    """Our connection to an engine."""
    return Link(endpoint="ssh://deploy@host", state=state, since=NOW - 360, fresh=NOW - 360, problem=problem, **more)


#: Of each node how it stands: its link, and how it is reached.
STANDING: Mapping[str, tuple[Link, Reach]] = {
    "n1": (link(LinkState.LIVE), reach("10.0.0.1", LinkPhase.UP, how="ssh")),
    "n2": (link(LinkState.LIVE), reach("10.0.0.2", LinkPhase.UP, how="ssh", jump=(target("10.0.0.1"),))),
    "n3": (link(LinkState.LIVE), reach("10.0.0.3", LinkPhase.UP, how="ssh, with sudo")),
    "n4": (link(LinkState.DENIED, str(CHANGED)), reach("10.0.0.4", LinkPhase.REFUSED, CHANGED)),
    "n5": (link(LinkState.DENIED, str(UNKNOWN)), reach("10.0.0.5", LinkPhase.REFUSED, UNKNOWN)),
    "n6": (link(LinkState.CONNECTING), reach("10.0.0.6", LinkPhase.ASKING)),
    "n7": (link(LinkState.CONNECTING), reach("10.0.0.7", LinkPhase.OPENING)),
    "n8": (link(LinkState.STALE, "No answer."), reach("10.0.0.8", LinkPhase.LOST, TimedOut("No answer."))),
    "n9": (
        link(LinkState.DENIED, "10.0.0.9 refuses the login of deploy."),
        reach("10.0.0.9", LinkPhase.REFUSED, AuthRefused("10.0.0.9 refuses the login of deploy.")),
    ),
    "n10": (
        link(LinkState.DENIED, "The login works, but deploy may not use the engine."),
        reach("10.0.0.10", LinkPhase.UP, PermissionRefused("The login works, but deploy may not use the engine.")),
    ),
}


def snapshot() -> Snapshot:
    """The Swarm with a node for each entry of ``STANDING``; ``web`` has a third replica on the live ``worker-1``."""
    base = swarm()
    nodes = [*base.nodes.values(), *(node(int(name[1:])) for name in STANDING)]
    far = Task(id="task-web-4", service_id="svc-web", slot=4, node_id="n1", state="running", container_id="ctr-web-4")
    lost = Task(id="task-web-5", service_id="svc-web", slot=5, node_id="n8", state="running", container_id="ctr-web-5")
    old = container("ctr-web-5", "web.5.task-web-5", "task-web-5", "svc-web", node_id="n8")
    near = container("ctr-web-4", "web.4.task-web-4", "task-web-4", "svc-web", node_id="n1")
    return replace(
        base,
        nodes=by_id(*nodes),
        tasks=by_id(*base.tasks.values(), far, lost),
        containers=by_id(*base.containers.values(), old, near),
        links={name: standing[0] for name, standing in STANDING.items()},
        listed=dict.fromkeys(Kind, NOW),
    )


def moment(*questions: Question, state: Snapshot | None = None) -> Moment:
    """The moment with how all nodes are reached, and questions that wait."""
    return Moment(
        state or snapshot(),
        NOW,
        reaching=True,
        reach={name: standing[1] for name, standing in STANDING.items()},
        waiting=tuple((question, 1) for question in questions),
    )


HERE = Key(Kind.NODE, MANAGER)
