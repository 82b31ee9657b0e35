"""A Swarm watched from a machine that is no part of it, its nodes reached in every way there is, or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.errors import HostKeyChanged
from backends.model import LinkState
from backends.ssh.config import SshConfig
from backends.ssh.resolve import Resolver
from backends.swarm import SwarmCluster
from tests.contract.test_swarm_lab import id_of, live, names_on, until
from tests.lab.lab import Lab
from tests.lab.swarm import far_lab, opened

__all__ = ["far_lab"]
pytestmark = pytest.mark.lab


def settled(cluster: SwarmCluster) -> bool:
    """Whether of every node it is known whether it is reached."""
    s = cluster.snapshot
    others = s.nodes.keys() - {s.node_id}
    return bool(others) and all(i in s.links and s.links[i].state is not LinkState.CONNECTING for i in others)


async def test_from_a_laptop_every_node_is_reached_in_its_way(far_lab: Lab) -> None:
    url = f"ssh://root@{far_lab.manager.address}"
    async with opened(far_lab, start=far_lab.nodes["laptop"], url=url, sudo=True) as (cluster, machines):
        await until(lambda: settled(cluster), "all nodes")
        s = cluster.snapshot
        # THEN the node of the endpoint is this engine, and is not reached a second time
        assert s.node_id == id_of(s, "manager1")
        assert s.node_id not in s.links
        addresses = [r.target.host for r in machines.pool.reports if not r.target.jump]
        assert addresses.count(far_lab.manager.address) == 1
        # THEN the others are reached as they can be, and it is said how
        ways = {name: machines.reach(id_of(s, name)) for name in ("worker1", "nostream", "sudoer")}
        assert {name: reach.how for name, reach in ways.items() if reach} == {
            "worker1": "ssh",
            "nostream": "ssh, dial-stdio",
            "sudoer": "ssh, with sudo",
        }
        await until(lambda: all(names_on(cluster, name) for name in (*ways, "manager1")), "containers of each")
        # THEN those that cannot be say why
        changed = machines.reach(id_of(s, "changed"))
        assert changed is not None
        assert isinstance(changed.problem, HostKeyChanged)
        assert s.links[id_of(s, "changed")].state is LinkState.DENIED
        dark = s.links[id_of(s, "dark")]
        assert (dark.state, bool(dark.problem)) == (LinkState.UNREACHABLE, True)


async def test_a_node_that_only_the_manager_reaches_is_reached_through_it(far_lab: Lab) -> None:
    # GIVEN a laptop whose SSH configuration knows of no jump
    url = f"ssh://root@{far_lab.manager.address}"
    laptop = far_lab.nodes["laptop"]
    async with opened(far_lab, start=laptop, url=url) as (cluster, machines):
        home = laptop.folder / "root/upper"
        machines.resolver = Resolver(SshConfig(home=home, file=home / "none", program=""), environ={})
        await until(lambda: live(cluster, "inner"), "the node behind")
        reach = machines.reach(id_of(cluster.snapshot, "inner"))
        assert reach is not None
        assert reach.link is not None
        # THEN the way leads through the manager, whose connection is the one there is
        assert reach.link.target.via == far_lab.manager.address
        await until(lambda: bool(names_on(cluster, "inner")), "its containers")


async def test_a_machine_with_a_locked_key_says_what_is_missing(far_lab: Lab) -> None:
    # GIVEN a laptop with a key that nobody can unlock, and no person to ask
    laptop = far_lab.nodes["laptop"]
    key = "/root/.ssh/id_ed25519"
    laptop.run("ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", key)
    try:
        async with opened(far_lab, start=laptop, url=f"ssh://root@{far_lab.manager.address}") as (cluster, _):
            await until(lambda: cluster.snapshot.link.state is LinkState.DENIED, "the refusal")
            link = cluster.snapshot.link
            assert "passphrase" in f"{link.problem} {link.hint}"
    finally:
        laptop.run("ssh-keygen", "-q", "-p", "-P", "secret", "-N", "", "-f", key)


async def test_a_jump_host_that_only_the_manager_reaches_is_reached_through_it(far_lab: Lab, tmp_path: Path) -> None:
    # GIVEN a laptop whose configuration reaches a worker by a jump host that lies behind the manager
    laptop, inner = far_lab.nodes["laptop"], far_lab.nodes["inner"].address
    home, worker = laptop.folder / "root/upper", far_lab.nodes["worker1"].address
    config = tmp_path / "config"
    config.write_text(f"Host worker1\n  HostName {worker}\n  ProxyJump root@{inner}\n")
    async with opened(far_lab, start=laptop, url=f"ssh://root@{far_lab.manager.address}") as (cluster, machines):
        machines.resolver = Resolver(SshConfig(home=home, file=config, program=""), environ={})
        await until(lambda: live(cluster, "worker1"), "the worker")
        reach = machines.reach(id_of(cluster.snapshot, "worker1"))
        assert reach is not None
        assert reach.link is not None
        # THEN the way leads from the manager to the jump host to the worker
        assert reach.link.target.via == f"{far_lab.manager.address}, {inner}"
        await until(lambda: bool(names_on(cluster, "worker1")), "its containers")
