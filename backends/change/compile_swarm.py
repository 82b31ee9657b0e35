"""``docker swarm`` and ``docker node``: from a request to what the CLI sends."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from backends.change import swarm_flags
from backends.change.compile_service import deletions
from backends.change.flag_error import refuse
from backends.change.flags import FlagTable
from backends.change.options import Options
from backends.change.part import Spec, assign, reach, sub
from backends.change.requests import (
    NodeDemote,
    NodePromote,
    NodeRemove,
    NodeUpdate,
    Request,
    SwarmCa,
    SwarmInit,
    SwarmJoin,
    SwarmJoinToken,
    SwarmLeave,
    SwarmUnlock,
    SwarmUnlockKey,
    SwarmUpdate,
)
from backends.change.steps import Compiled, Recorder, Target, named, query, segment
from backends.change.surroundings import Surroundings

_AVAILABILITIES = ("active", "pause", "drain")


def _value(table: FlagTable, options: Options, flag: str, default: Any) -> Any:
    return table[flag].type.parse(options.text(flag)) if flag in options else default


def _availability(options: Options) -> str:
    if "availability" not in options:
        return ""
    text = options.text("availability")
    if text.lower() not in _AVAILABILITIES:
        sentence = f'invalid availability "{text}", only active, pause and drain are supported'
        raise refuse(sentence, "availability", "active, pause or drain")
    return text.lower()


async def init(request: SwarmInit, recorder: Recorder, around: Surroundings) -> Compiled:
    """``swarm init``."""
    options, table = request.options, swarm_flags.INIT
    spec: Spec = {
        "Labels": None,
        "Orchestration": {},
        "Raft": {"ElectionTick": 0, "HeartbeatTick": 0},
        "Dispatcher": {},
        "CAConfig": {},
        "TaskDefaults": {},
        "EncryptionConfig": {"AutoLockManagers": False},
    }
    _merge(spec, options, table, around)
    body: Spec = {
        "ListenAddr": _value(table, options, "listen-addr", "0.0.0.0:2377"),
        "AdvertiseAddr": options.text("advertise-addr"),
        "DataPathAddr": options.text("data-path-addr"),
        "DataPathPort": _value(table, options, "data-path-port", 0),
        "ForceNewCluster": options.flag("force-new-cluster"),
        "Spec": spec,
        "AutoLockManagers": options.flag("autolock"),
        "Availability": _availability(options),
        "DefaultAddrPool": [
            pool for text in options.values("default-addr-pool") for pool in table["default-addr-pool"].type.parse(text)
        ],
        "SubnetSize": _value(table, options, "default-addr-pool-mask-length", 24),
    }
    recorder.write("POST", "/swarm/init", body)
    return Compiled(request, tuple(recorder.steps))


def _merge(spec: Spec, options: Options, table: FlagTable, around: Surroundings, ca_cert: str = "") -> None:
    """Edits a swarm's spec. ``ca_cert`` replaces the certificate of each external CA, where there is one."""
    if "task-history-limit" in options:
        sub(spec, "Orchestration")["TaskHistoryRetentionLimit"] = _value(table, options, "task-history-limit", 5)
    if "dispatcher-heartbeat" in options:
        assign(sub(spec, "Dispatcher"), "HeartbeatPeriod", _value(table, options, "dispatcher-heartbeat", 0))
    if "max-snapshots" in options:
        sub(spec, "Raft")["KeepOldSnapshots"] = _value(table, options, "max-snapshots", 0)
    if "snapshot-interval" in options:
        assign(sub(spec, "Raft"), "SnapshotInterval", _value(table, options, "snapshot-interval", 0))
    if "autolock" in options:
        sub(spec, "EncryptionConfig")["AutoLockManagers"] = options.flag("autolock")
    if "cert-expiry" in options:
        assign(sub(spec, "CAConfig"), "NodeCertExpiry", _value(table, options, "cert-expiry", 0))
    if "external-ca" in options:
        endpoints = [table["external-ca"].type.parse(text) for text in options.values("external-ca")]
        sub(spec, "CAConfig")["ExternalCAs"] = [_endpoint(e, around, ca_cert) for e in endpoints]


def _endpoint(endpoint: Spec, around: Surroundings, ca_cert: str) -> Spec:
    own = _pem(around, str(endpoint["CACert"]), "external-ca") if "CACert" in endpoint else ""
    found = {"Protocol": endpoint["Protocol"], "URL": endpoint["URL"]}
    assign(found, "Options", endpoint.get("Options"))
    return {**found, "CACert": ca_cert or own}


async def join(request: SwarmJoin, recorder: Recorder, around: Surroundings) -> Compiled:
    """``swarm join``."""
    options = request.options
    body: Spec = {
        "ListenAddr": _value(swarm_flags.JOIN, options, "listen-addr", "0.0.0.0:2377"),
        "AdvertiseAddr": options.text("advertise-addr"),
        "DataPathAddr": options.text("data-path-addr"),
        "RemoteAddrs": [request.remote],
        "JoinToken": options.text("token"),
        "Availability": _availability(options),
    }
    recorder.write("POST", "/swarm/join", body)
    return Compiled(request, tuple(recorder.steps))


async def leave(request: SwarmLeave, recorder: Recorder, around: Surroundings) -> Compiled:
    """``swarm leave``."""
    recorder.write("POST", "/swarm/leave" + ("?force=1" if request.options.flag("force") else ""))
    return Compiled(request, tuple(recorder.steps))


async def update(request: SwarmUpdate, recorder: Recorder, around: Surroundings) -> Compiled:
    """``swarm update``."""
    if not request.options.items:
        raise refuse("docker swarm update changes nothing without a flag.", "", "such as --task-history-limit 3")
    swarm = await recorder.get("/swarm")
    spec = copy.deepcopy(swarm.get("Spec") or {})
    _merge(spec, request.options, swarm_flags.UPDATE, around, reach(swarm, "TLSInfo", "TrustRoot") or "")
    return _write_swarm(request, swarm, spec, recorder)


def _write_swarm(request: Request, swarm: Spec, spec: Spec, recorder: Recorder, rotate: str = "") -> Compiled:
    version = int(reach(swarm, "Version", "Index") or 0)
    params = {"version": str(version)}
    for name in ("rotateManagerToken", "rotateManagerUnlockKey", "rotateWorkerToken"):
        params[name] = "true" if name == rotate else "false"
    recorder.write("POST", f"/swarm/update{query(**params)}", spec)
    target = Target("swarm", str(swarm.get("ID", "")), "swarm", version, swarm.get("Spec") or {}, spec)
    return Compiled(request, tuple(recorder.steps), (), (target,))


async def join_token(request: SwarmJoinToken, recorder: Recorder, around: Surroundings) -> Compiled:
    """``swarm join-token``; without ``--rotate`` it only reads."""
    swarm = await recorder.get("/swarm")
    if not request.options.flag("rotate"):
        return Compiled(request, tuple(recorder.steps))
    rotate = f"rotate{request.role.capitalize()}Token"
    return _write_swarm(request, swarm, copy.deepcopy(swarm.get("Spec") or {}), recorder, rotate)


async def unlock(request: SwarmUnlock, recorder: Recorder, around: Surroundings) -> Compiled:
    """``swarm unlock`` with the key from standard input."""
    info = await recorder.get("/info")
    state = reach(info, "Swarm", "LocalNodeState")
    if state in ("inactive", None, ""):
        raise refuse("Error: This node is not part of a swarm")
    if state != "locked":
        raise refuse("Error: swarm is not locked")
    key = around.read_input().decode("utf-8", "replace").partition("\n")[0].strip()
    recorder.write("POST", "/swarm/unlock", {"UnlockKey": key})
    return Compiled(request, tuple(recorder.steps))


async def unlock_key(request: SwarmUnlockKey, recorder: Recorder, around: Surroundings) -> Compiled:
    """``swarm unlock-key``; without ``--rotate`` it only reads."""
    if not request.options.flag("rotate"):
        await recorder.get("/swarm/unlockkey")
        return Compiled(request, tuple(recorder.steps))
    swarm = await recorder.get("/swarm")
    if not reach(swarm, "Spec", "EncryptionConfig", "AutoLockManagers"):
        sentence = "cannot rotate because autolock is not turned on"
        raise refuse(sentence, "rotate", "turn it on with docker swarm update --autolock")
    spec = copy.deepcopy(swarm.get("Spec") or {})
    return _write_swarm(request, swarm, spec, recorder, "rotateManagerUnlockKey")


async def ca(request: SwarmCa, recorder: Recorder, around: Surroundings) -> Compiled:
    """``swarm ca``; without ``--rotate`` it only reads."""
    options = request.options
    cert, key = (_pem(around, options.text(flag), flag) if flag in options else "" for flag in ("ca-cert", "ca-key"))
    swarm = await recorder.get("/swarm")
    if not options.flag("rotate"):
        for flag in ("ca-cert", "ca-key", "cert-expiry", "external-ca"):
            if flag in options:
                sentence = f"`--{flag}` flag requires the `--rotate` flag to update the CA"
                raise refuse(sentence, flag, "add --rotate")
        return Compiled(request, tuple(recorder.steps))
    if "external-ca" in options and "ca-cert" not in options:
        raise refuse(
            "rotating to an external CA requires the `--ca-cert` flag to specify the external CA's cert - to add an "
            "external CA with the current root CA certificate, use the `update` command instead",
            "external-ca",
            "add --ca-cert",
        )
    if "ca-cert" in options and "external-ca" not in options and "ca-key" not in options:
        sentence = "the --ca-cert flag requires that a --ca-key flag and/or --external-ca flag be provided as well"
        raise refuse(sentence, "ca-cert", "add --ca-key or --external-ca")
    spec = copy.deepcopy(swarm.get("Spec") or {})
    _merge(spec, options, swarm_flags.CA, around, cert)
    config = sub(spec, "CAConfig")
    assign(config, "SigningCACert", cert)
    assign(config, "SigningCAKey", key)
    if not cert and not key:
        config["ForceRotate"] = int(config.get("ForceRotate") or 0) + 1
    return _write_swarm(request, swarm, spec, recorder)


def _pem(around: Surroundings, path: str, flag: str) -> str:
    content = around.text(path, flag)
    if "-----BEGIN " not in content or "-----END " not in content:
        sentence = f'invalid argument "{path}" for "--{flag}" flag: file contents must be in PEM format'
        raise refuse(sentence, flag, "a file that begins with -----BEGIN")
    return content


async def node_update(request: NodeUpdate, recorder: Recorder, around: Surroundings) -> Compiled:
    """``node update``."""
    options = request.options

    def edit(spec: Spec, name: str) -> bool:
        if "role" in options:
            assign(spec, "Role", options.text("role"))
        if "availability" in options:
            assign(spec, "Availability", options.text("availability"))
        labels = dict(spec.get("Labels") or {})
        labels.update((k, v) for k, _, v in (text.partition("=") for text in options.values("label-add")))
        for key in options.values("label-rm"):
            if key not in labels:
                raise refuse(f"key {key} doesn't exist in node's labels", "label-rm", "a label that the node has")
            del labels[key]
        spec["Labels"] = labels
        return True

    return await _edit_nodes(request, (request.name,), edit, recorder)


async def promote(request: NodePromote, recorder: Recorder, around: Surroundings) -> Compiled:
    """``node promote``."""
    return await _edit_nodes(request, request.names, _role("manager"), recorder)


async def demote(request: NodeDemote, recorder: Recorder, around: Surroundings) -> Compiled:
    """``node demote``."""
    return await _edit_nodes(request, request.names, _role("worker"), recorder)


def _role(role: str) -> Callable[[Spec, str], bool]:
    def edit(spec: Spec, name: str) -> bool:
        changed = spec.get("Role") != role
        spec["Role"] = role
        return changed

    return edit


async def _edit_nodes(
    request: Request, names: Iterable[str], edit: Callable[[Spec, str], bool], recorder: Recorder
) -> Compiled:
    """Reads, edits and writes each node's whole spec; one that need not change is only said so."""
    targets: list[Target] = []
    warnings: list[str] = []
    for name in names:
        node = await recorder.get(f"/nodes/{named('node', name)}")
        before = node.get("Spec") or {}
        spec = copy.deepcopy(before)
        if not edit(spec, name):
            warnings.append(f"Node {node.get('ID', name)} is already a {spec.get('Role')}.")
            continue
        id, version = str(node.get("ID", "")), int(reach(node, "Version", "Index") or 0)
        recorder.write("POST", f"/nodes/{segment(id)}/update{query(version=str(version))}", spec)
        targets.append(Target("node", id, name, version, before, spec))
    return Compiled(request, tuple(recorder.steps), tuple(warnings), tuple(targets))


async def node_remove(request: NodeRemove, recorder: Recorder, around: Surroundings) -> Compiled:
    """``node rm``."""
    tail = "?force=1" if request.options.flag("force") else ""
    return deletions(request, "nodes", request.names, recorder, tail)
