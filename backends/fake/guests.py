"""Engines of machines that are not in the Swarm, served beside the one that was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backends.fake.api import Api
from backends.fake.make.network import add_builtin_networks
from backends.fake.make.node import GIB
from backends.fake.world import Host

if TYPE_CHECKING:
    from backends.fake.server import FakeServer


async def engine_of(api: Api, name: str, address: str) -> str:
    """The path of the socket of a machine's engine, which begins to listen where it does not yet. A second machine of
    a name that a node has is another one."""
    world = api.world
    served = world.guests.get((name, address))
    if served is None:
        served = world.guests[name, address] = _server(api, _host(api, name, address))
        await served.start()
    return served.socket_path


def _host(api: Api, name: str, address: str) -> Host:
    host = Host(name, address)
    host.info.update({"NCPU": 4, "MemTotal": 8 * GIB, "_network_plugins": [], "_slow": name == "slow"})
    add_builtin_networks(api.world, host, swarm=False)
    return host


def _server(api: Api, host: Host) -> FakeServer:
    from backends.fake.scenario import Scene
    from backends.fake.server import FakeServer

    scene = Scene(api.world, host.name)
    scene.alive = True  # the world lives already
    scene.orchestrator, scene.rollouts = api.orchestrator, api.rollouts
    return FakeServer(scene, engine=host)


async def stop(api: Api) -> None:
    """Ends all of them."""
    guests, api.world.guests = dict(api.world.guests), {}
    for server in guests.values():
        await server.stop()
