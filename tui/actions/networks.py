"""Networks by key and verb: a new one, connecting and detaching containers, removing, pruning."""

from __future__ import annotations

from backends.model import Kind
from tui.actions.forms import opens
from tui.actions.spec import ActionSpec

NETWORKS: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="network.new",
        title="new network",
        help="Fills in a new network: subnets are checked against networks and routes of every node while typed.",
        keys=("n",),
        views=frozenset({"networks"}),
        group="Object",
        footer=5,
        changes=True,
        run=opens("network-create"),
    ),
)
_ = Kind
