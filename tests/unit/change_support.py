"""The stand-in engine that the docker CLI's requests were recorded with, as a ``Lookup``, and the recordings."""

from __future__ import annotations

import asyncio
import copy
import gzip
import json
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from backends.api import Json
from backends.change.compile import compile_request
from backends.change.flag_error import FlagError
from backends.change.line import parse_words
from backends.change.requests import Request
from backends.change.steps import Compiled
from backends.change.surroundings import Surroundings
from backends.errors import ApiError, NotFound

DATA = Path(__file__).parent / "data"
DIGEST = "sha256:" + "a1" * 32
SERVICE_ID = "svc0001000000000000000000"
SWARM_SPEC: dict[str, Any] = {
    "Name": "default",
    "Labels": {},
    "Orchestration": {"TaskHistoryRetentionLimit": 5},
    "Raft": {
        "SnapshotInterval": 10000,
        "KeepOldSnapshots": 0,
        "LogEntriesForSlowFollowers": 500,
        "ElectionTick": 10,
        "HeartbeatTick": 1,
    },
    "Dispatcher": {"HeartbeatPeriod": 5000000000},
    "CAConfig": {"NodeCertExpiry": 7776000000000000},
    "TaskDefaults": {},
    "EncryptionConfig": {"AutoLockManagers": False},
}
PLATFORMS: list[Json] = [
    {"architecture": "amd64", "os": "linux"},
    {"architecture": "arm64", "os": "linux", "variant": "v8"},
]


class StandIn:
    """Names resolve as in the recordings: network X is ``nid-X``, secret X ``sid-X``, config X ``cid-X``, node X
    ``node-X``; every registry look-up answers the same digest. ``log`` holds what was asked."""

    def __init__(
        self,
        *,
        api_version: str = "1.50",
        service: Json = None,
        version: int = 31,
        registry: str = "ok",
        autolock: bool = False,
        role: str = "worker",
        trust_root: str = "",
        local_state: str = "active",
    ) -> None:
        self.api_version = api_version
        self.service, self.version, self.registry, self.role = service, version, registry, role
        self.local_state = local_state
        self.swarm = copy.deepcopy(SWARM_SPEC)
        self.swarm["EncryptionConfig"]["AutoLockManagers"] = autolock
        self.trust_root = trust_root
        self.log: list[tuple[str, str, Json]] = []

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Json:
        """Answers as the stand-in did."""
        self.log.append((method, path, body))
        plain, _, query = path.partition("?")
        first, *rest = plain.strip("/").split("/")
        name = unquote(rest[0]) if rest else ""
        if method != "GET":
            return "node-mgr1" if plain == "/swarm/init" else {"ID": SERVICE_ID}
        return self._read(first, name, plain, parse_qs(query))

    def _read(self, first: str, name: str, plain: str, query: dict[str, list[str]]) -> Json:
        if first == "networks":
            if name.startswith("nosuch"):
                raise NotFound(f"network {name} not found", status=404)
            return {"Name": name, "Id": name if name.startswith("nid-") else f"nid-{name}"}
        if first in ("secrets", "configs"):
            names = list(json.loads(query["filters"][0])["name"])
            return [{"ID": f"{first[0]}id-{n}", "Spec": {"Name": n}} for n in names if not n.startswith("missing")]
        if first == "distribution":
            if self.registry != "ok":
                raise ApiError("unauthorized", status=401)
            return {"Descriptor": {"digest": DIGEST}, "Platforms": copy.deepcopy(PLATFORMS)}
        if first == "services":
            return {"ID": SERVICE_ID, "Version": {"Index": self.version}, "Spec": self.service}
        if first == "nodes":
            labels: dict[str, Json] = {"old": "1", "zone": "a"}
            spec: Json = {"Labels": labels, "Role": self.role, "Availability": "active"}
            return {"ID": name if name.startswith("node-") else f"node-{name}", "Version": {"Index": 21}, "Spec": spec}
        if plain == "/swarm":
            trust: Json = {"TrustRoot": self.trust_root}
            return {"ID": "sw1", "Version": {"Index": 11}, "Spec": self.swarm, "TLSInfo": trust}
        if plain == "/info":
            return {"Swarm": {"NodeID": "node-mgr1", "LocalNodeState": self.local_state}}
        return {"UnlockKey": "SWMKEY-1-xxx"} if plain == "/swarm/unlockkey" else {}


def surroundings(files: Mapping[str, str], api_version: str = "") -> Surroundings:
    """Files by name, ``FROM_ENV=yes`` in the environment, ``in`` on standard input."""

    def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(2, "No such file or directory")
        return files[path].encode()

    return Surroundings(
        environ={"FROM_ENV": "yes"},
        read_file=read,
        folder="/here",
        read_input=lambda: b"in",
        credentials=lambda _: "e30=",
        api_version=api_version,
    )


def compiled(argv: list[str], stand_in: StandIn, around: Surroundings) -> Compiled | tuple[FlagError, ...]:
    """From words to requests."""
    request = parse_words(argv, around)
    if not isinstance(request, Request):
        return request
    return asyncio.run(compile_request(request, stand_in, around))


@cache
def recordings(name: str) -> list[dict[str, Any]]:
    """Rows of a recording; the first is its head."""
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt") as file:
        return [json.loads(line) for line in file]


#: Lists that the CLI writes in the random order of Go's maps when something is made; more of them in an update.
MADE = frozenset({"GenericResources", "Config", "Ports"})
UPDATED = MADE | {"Env", "Secrets", "Configs"}


def unordered(body: Any, lists: Collection[str] = UPDATED) -> Any:
    """A body with those lists sorted that the CLI writes in the random order of Go's maps."""
    found = copy.deepcopy(body)
    if not isinstance(found, dict):
        return found
    task = found.get("TaskTemplate") or {}
    container = task.get("ContainerSpec") or {}
    places: list[tuple[Any, str]] = [(container, key) for key in ("Env", "Secrets", "Configs")]
    places.append(((task.get("Resources") or {}).get("Reservations") or {}, "GenericResources"))
    places += [(found.get("IPAM") or {}, "Config"), (found.get("EndpointSpec") or {}, "Ports")]
    for holder, key in places:
        if key in lists and isinstance(holder.get(key), list):
            holder[key].sort(key=lambda value: json.dumps(value, sort_keys=True))
    return found
