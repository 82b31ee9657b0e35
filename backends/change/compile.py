"""From a request to exactly the API calls that the docker CLI makes of the same line, look-ups included."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from backends.change import compile_data, compile_network, compile_service, compile_swarm, requests
from backends.change.flag_error import FlagError, Refused
from backends.change.requests import Request
from backends.change.steps import Compiled, Lookup, Recorder
from backends.change.surroundings import Surroundings

#: The request's own type differs per entry; the table's keys hold them together.
_Compiler = Callable[[Any, Recorder, Surroundings], Awaitable[Compiled]]
_COMPILERS: Mapping[type[Request], _Compiler] = MappingProxyType(
    {
        requests.ServiceCreate: compile_service.create,
        requests.ServiceUpdate: compile_service.update,
        requests.ServiceScale: compile_service.scale,
        requests.ServiceRollback: compile_service.rollback,
        requests.ServiceRemove: compile_service.remove,
        requests.NetworkCreate: compile_network.create,
        requests.NetworkConnect: compile_network.connect,
        requests.NetworkDisconnect: compile_network.disconnect,
        requests.NetworkRemove: compile_network.remove,
        requests.NetworkPrune: compile_network.prune,
        requests.SwarmInit: compile_swarm.init,
        requests.SwarmJoin: compile_swarm.join,
        requests.SwarmLeave: compile_swarm.leave,
        requests.SwarmUpdate: compile_swarm.update,
        requests.SwarmJoinToken: compile_swarm.join_token,
        requests.SwarmUnlock: compile_swarm.unlock,
        requests.SwarmUnlockKey: compile_swarm.unlock_key,
        requests.SwarmCa: compile_swarm.ca,
        requests.NodeUpdate: compile_swarm.node_update,
        requests.NodePromote: compile_swarm.promote,
        requests.NodeDemote: compile_swarm.demote,
        requests.NodeRemove: compile_swarm.node_remove,
        requests.SecretCreate: compile_data.create_secret,
        requests.ConfigCreate: compile_data.create_config,
        requests.SecretRemove: compile_data.remove_secret,
        requests.ConfigRemove: compile_data.remove_config,
    }
)


async def compile_request(
    request: Request, lookup: Lookup, around: Surroundings | None = None
) -> Compiled | tuple[FlagError, ...]:
    """What would be sent, or what is wrong with it. Only looks: every write is left to ``apply``.

    Raises ``backends.errors`` where the engine cannot be asked.
    """
    try:
        return await _COMPILERS[type(request)](request, Recorder(lookup), around or Surroundings())
    except Refused as refused:
        return refused.errors
