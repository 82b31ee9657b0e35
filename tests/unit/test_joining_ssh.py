"""Machines over SSH as those that may join: what is typed, what is remembered of it."""

from __future__ import annotations

from typing import cast

import pytest

from backends.engine.client import SdkEngine
from backends.errors import Unreachable
from backends.joining.over_ssh import SshWays
from backends.machines import Machines
from backends.ssh.target import NodeMapping
from backends.swarm import SwarmCluster


async def ways(machines: Machines) -> SshWays:
    return SshWays(cast(SwarmCluster, None), machines, SdkEngine, False)


@pytest.mark.parametrize("text", ["", "two words", "-oProxyCommand=x", "a@b@c d", "host:99999", "$(x)", "\x1b[31m"])
async def test_what_is_no_machine_is_refused_before_anything_is_asked(text: str) -> None:
    with pytest.raises(Unreachable):
        (await ways(Machines())).guest(text)


async def test_the_login_that_was_typed_leads_to_the_node_it_becomes() -> None:
    # GIVEN a person who has said how one node is reached
    said = NodeMapping(host="10.0.0.7", user="ops")
    machines = Machines(mappings={"worker-7": said})
    made = await ways(machines)
    # WHEN machines with those names have joined
    made.remember("worker-6", "deploy@10.0.0.6:2222")
    made.remember("worker-7", "root@10.0.0.9")
    # THEN what was typed counts where nothing was said
    assert machines.resolver.mappings == {
        "worker-7": said,
        "worker-6": NodeMapping(host="10.0.0.6", user="deploy", port=2222),
    }


async def test_a_guest_is_called_as_it_was_typed_until_it_is_known() -> None:
    guest = (await ways(Machines())).guest("deploy@worker-6")
    assert guest.login == "deploy@worker-6"
    assert await guest.machine() is None
    await guest.close()
