"""What a command is for to show, asked after it was done: join tokens, unlock keys, the root certificate."""

from __future__ import annotations

from backends.change.outcome import Outcome
from backends.change.part import as_object, reach
from backends.change.requests import SwarmCa, SwarmInit, SwarmJoin, SwarmJoinToken, SwarmUnlockKey, SwarmUpdate
from backends.change.steps import Compiled, Lookup, segment
from backends.errors import BackendError


async def follow(outcome: Outcome, compiled: Compiled, engine: Lookup) -> dict[str, str]:
    """Things to show by name: ``worker``, ``manager`` (join lines), ``unlock-key``, ``role``, ``certificate``. What
    cannot be asked is left out: the change itself is done."""
    try:
        return await _asked(outcome, compiled, engine)
    except BackendError:
        return {}


async def _asked(outcome: Outcome, compiled: Compiled, engine: Lookup) -> dict[str, str]:
    request = outcome.request
    if isinstance(request, SwarmInit):
        node = str(outcome.answers[-1] or "") if outcome.answers else ""
        found = await _join_lines(node or await _own_node(engine), engine, ("worker", "manager"))
        if request.options.flag("autolock"):
            found |= await _unlock_key(engine)
        return found
    if isinstance(request, SwarmJoinToken):
        return await _join_lines(await _own_node(engine), engine, (request.role,))
    if isinstance(request, SwarmUnlockKey):
        return await _unlock_key(engine)
    if isinstance(request, SwarmUpdate):
        before = reach(as_object(compiled.targets[0].before), "EncryptionConfig", "AutoLockManagers")
        return await _unlock_key(engine) if request.options.flag("autolock") and not before else {}
    if isinstance(request, SwarmJoin):
        info = as_object(await engine.call("GET", "/info"))
        return {"role": "manager" if reach(info, "Swarm", "ControlAvailable") else "worker"}
    if isinstance(request, SwarmCa):
        swarm = as_object(await engine.call("GET", "/swarm"))
        return {"certificate": str(reach(swarm, "TLSInfo", "TrustRoot") or "")}
    return {}


async def _own_node(engine: Lookup) -> str:
    return str(reach(as_object(await engine.call("GET", "/info")), "Swarm", "NodeID") or "")


async def _join_lines(node: str, engine: Lookup, roles: tuple[str, ...]) -> dict[str, str]:
    """``docker swarm join --token … ADDRESS`` for each role."""
    found = as_object(await engine.call("GET", f"/nodes/{segment(node)}"))
    swarm = as_object(await engine.call("GET", "/swarm"))
    address = reach(found, "ManagerStatus", "Addr") or ""
    tokens = {role: reach(swarm, "JoinTokens", role.capitalize()) for role in roles}
    return {role: f"docker swarm join --token {token} {address}".rstrip() for role, token in tokens.items() if token}


async def _unlock_key(engine: Lookup) -> dict[str, str]:
    key = as_object(await engine.call("GET", "/swarm/unlockkey")).get("UnlockKey")
    return {"unlock-key": str(key)} if key else {}
