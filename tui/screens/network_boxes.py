"""What keys and verbs of networks open: connect, detach, remove, prune. Asked for by ``Ui.prompt``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backends.change.line import parse_line
from backends.change.network_users import name_of
from backends.change.requests import NetworkDisconnect, Request
from backends.model import Key

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


def open_box(screen: MainScreen, what: str, key: Key) -> None:
    """``connect`` a container or a network; ``detach`` (the key's ID is the network's and the container's, parted by a
    blank); ``network-remove``; ``prune`` (the key's ID is a label)."""
    if what == "connect":
        from tui.screens.network_connect import ConnectBox

        screen.box.open(ConnectBox(screen, key))
    elif what == "detach":
        network_id, _, ident = key.id.partition(" ")
        detach(screen, network_id, ident)
    elif what == "network-remove":
        from tui.screens.network_held import remove

        screen.begin(remove(screen, key), "networks")
    elif what == "prune":
        from tui.screens.network_prune import open_prune

        screen.begin(open_prune(screen, key.id), "prune")


def detach(screen: MainScreen, network_id: str, ident: str) -> None:
    """Takes a container, or a stale endpoint by force, off a network; one line asks first."""
    snapshot = screen.moment.snapshot
    network = snapshot.networks.get(network_id)
    if network is None:
        screen.say("The network is gone.", bad=True)
        return
    words = name_of(network, snapshot)
    container = snapshot.containers.get(ident)
    if container is not None:
        request: Request = NetworkDisconnect(network=words, container=container.name)
        node_id = container.node_id
    elif ident.startswith("endpoint/"):
        held = ident.rpartition("/")[2]
        end = next((e for e in network.endpoints if held in (e.endpoint_id, e.name, e.container_id)), None)
        if end is None:
            screen.say("The endpoint is gone.", bad=True)
            return
        # Its container is gone: only by force does the engine drop what is left of it.
        line = f"docker network disconnect --force {words} {end.name or end.container_id}"
        parsed = parse_line(line)
        if not isinstance(parsed, Request):
            screen.say(parsed[0].sentence, bad=True)
            return
        request, node_id = parsed, end.node_id
    else:
        task = next((t for t in snapshot.tasks.values() if t.container_id == ident), None)
        request = NetworkDisconnect(network=words, container=ident)
        node_id = task.node_id if task is not None else ""
    screen.changing.request(request, node=node_id, title=f"Detach from {network.name}")
