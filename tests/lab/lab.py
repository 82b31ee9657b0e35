"""Bringing a lab up and taking it down."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from tests.lab import cgroups, engine_api, images, node_files, processes, requirements, sample, seed_images
from tests.lab import state as states
from tests.lab.engine_api import PATIENCE
from tests.lab.node import LabNode
from tests.lab.spec import ANCHOR_VARIABLE, HOME_VARIABLE, REPOSITORY, LabSpec, base_folder
from tests.lab.state import Process, State
from tests.lab.wire import BRIDGE

_T = TypeVar("_T")
_R = TypeVar("_R")


class LabError(Exception):
    """The lab cannot do that, for the reason given."""


class Lab:
    """A running lab. Make one with ``up`` or ``attach``."""

    def __init__(self, state: State) -> None:
        self.spec = state.spec
        self.owner = state.owner
        self.nodes: Mapping[str, LabNode] = {
            node.name: LabNode(state.spec, node, state.nodes[node.name].pid, state.wire.pid)
            for node in state.spec.nodes
        }

    @property
    def name(self) -> str:
        """The lab's name."""
        return self.spec.name

    @property
    def manager(self) -> LabNode:
        """The first manager; of plain engines, the first."""
        nodes = self.nodes.values()
        return next((node for node in nodes if node.spec.role == "manager"), next(iter(nodes)))

    @property
    def engines(self) -> list[LabNode]:
        """The nodes that have an engine."""
        return [node for node in self.nodes.values() if node.spec.engine]

    def wait_ready(self, timeout: float = PATIENCE) -> None:
        """Wait until all members of the Swarm are ready and the sample runs."""
        if not self.spec.swarm:
            _at_once(lambda node: node.wait_engine(timeout), self.engines)
            return
        members = [node for node in self.engines if node.spec.role != "none"]
        engine_api.wait_for(lambda: len(self.ready_nodes()) == len(members), "all nodes ready", timeout)
        if self.spec.sample:
            expected = dict(sample.EXPECTED)
            engine_api.wait_for(
                lambda: expected.items() <= sample.running_tasks(self.manager).items(),
                "the tasks of the sample running",
                timeout,
            )

    def ready_nodes(self) -> list[str]:
        """The names of the nodes that the manager sees as ready."""
        listing: Any = self.manager.api("GET", "/nodes", timeout=5.0)
        return [node["Description"]["Hostname"] for node in listing if node["Status"].get("State") == "ready"]

    def deploy_sample(self) -> None:
        """Create the sample's network, services and container."""
        sample.deploy(self.manager)

    def settle(self) -> None:
        """Set back what a test may have left changed: nodes take tasks, the sample runs as it was made."""
        if not self.spec.swarm:
            return
        engine_api.wait_for(lambda: bool(self.manager.api("GET", "/nodes", timeout=5.0)), "the manager", PATIENCE)
        nodes: Any = self.manager.api("GET", "/nodes")
        for node in nodes:
            if node["Spec"]["Availability"] != "active":
                self.manager.docker("node", "update", "--availability", "active", node["ID"])
        if self.spec.sample:
            sample.restore(self.manager)
        self.wait_ready()

    def down(self) -> None:
        """Take the lab down."""
        down(self.name)


def attach(name: str) -> Lab | None:
    """The running lab of that name, None if there is none."""
    state = states.load(name)
    return Lab(state) if state and state.running else None


def up(spec: LabSpec, owner: int | None = None) -> Lab:
    """Bring a lab up, or find it running. ``owner``: end it with this process."""
    reason = requirements.why_not()
    if reason:
        raise LabError(reason)
    archives = [images.archive()] if spec.images else []
    if spec.seed:
        if missing := seed_images.missing():
            raise LabError(f"the images need {', '.join(missing)} (tests/lab/packages.sh installs them)")
        archives.append(seed_images.archive())
    # Not while holding a lock: two who start would wait for each other.
    reap_orphans()
    with states.locked(spec.name):
        running = attach(spec.name)
        if running:
            return running
        _remove(spec.name)
        try:
            return _start(spec, owner, archives)
        except BaseException:
            # An interrupted or failed start leaves nothing either, unless
            # somebody wants to look at it; "down" removes it then.
            if not os.environ.get("DNET_LAB_KEEP_FAILED"):
                _remove(spec.name)
            raise


def down(name: str, *, only_orphaned: bool = False) -> bool:
    """Take a lab down, whatever is left of it; True if there was anything."""
    with states.locked(name):
        state = states.load(name)
        if only_orphaned and state and not state.orphaned:
            return False
        return _remove(name)


def all_names() -> list[str]:
    """All labs of which there is a folder or a process."""
    return sorted({*states.names(), *processes.anchored_labs()})


def reap_orphans() -> None:
    """Take down the labs whose owner has died, or of which only remains are left."""
    for name in all_names():
        state = states.load(name)
        if state is None or state.orphaned:
            down(name, only_orphaned=True)


def leftovers(name: str) -> list[str]:
    """Everything that there is of a lab, for people and tests to read."""
    found = [f"process {pid}" for pid in processes.anchors(name)]
    found += [f"cgroup {path}" for path in cgroups.remains(f"/dnet-lab/{name}")]
    folder = base_folder() / name
    found += [f"folder {folder}"] if folder.exists() else []
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    found += [f"mount {line}" for line in mounts if f"{folder}/" in line]
    return found


def _start(spec: LabSpec, owner: int | None, archives: Sequence[Path]) -> Lab:
    states.make_folder(spec.name)
    node_files.make_keys(spec)
    for node in spec.nodes:
        node_files.write_node(spec, node)
    wire = _start_anchor(spec, "wire", {"name": spec.name, "gateway": spec.gateway})
    state = State(spec, wire, {}, _process(os.getpid()), complete=False)
    states.save(state)
    started = _at_once(lambda node: _start_node(spec, node.name), spec.nodes)
    state = replace(state, nodes=dict(zip([n.name for n in spec.nodes], started, strict=True)))
    states.save(state)
    _plug_in(state)
    if spec.nat:
        _start_anchor(spec, "nat", {"name": spec.name, "log": str(spec.folder / "nat.log")})
    lab = Lab(state)
    _at_once(LabNode.boot, lab.nodes.values())
    with ThreadPoolExecutor() as pool:
        loads = [pool.submit(_prepare_engine, node, archives) for node in lab.engines]
        if spec.swarm:
            _form_swarm(lab)
        for load in loads:
            load.result()
    if spec.sample and spec.swarm:
        lab.deploy_sample()
    lab.wait_ready()
    state = replace(state, owner=_process(owner) if owner else None, complete=True)
    states.save(state)
    if owner == os.getpid():
        atexit.register(down, spec.name)
    return Lab(state)


def _start_node(spec: LabSpec, name: str) -> Process:
    config = {"name": name, "folder": str(spec.node_folder(name))}
    return _start_anchor(spec, "node_init", config, label=name)


def _start_anchor(spec: LabSpec, module: str, config: dict[str, str], label: str = "") -> Process:
    path = spec.folder / f"{label or module}.json"
    path.write_text(json.dumps(config))
    done = subprocess.run(
        [sys.executable, "-S", "-m", f"tests.lab.{module}", str(path)],
        cwd=REPOSITORY,
        env={**os.environ, ANCHOR_VARIABLE: spec.name, HOME_VARIABLE: processes.home()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise LabError(done.stderr.strip())
    return _process(int(done.stdout))


def _process(pid: int) -> Process:
    return Process(pid, processes.start_time(pid) or "")


def _plug_in(state: State) -> None:
    commands = []
    for name, process in state.nodes.items():
        port = state.spec.port(name)
        commands.append(f"link add {port} type veth peer name eth0 netns {process.pid}")
        commands.append(f"link set {port} master {BRIDGE} up")
    enter = ["nsenter", "-t", str(state.wire.pid), "-n", "--", "ip", "-batch", "-"]
    subprocess.run(enter, input="\n".join(commands), text=True, check=True)


def _prepare_engine(node: LabNode, archives: Sequence[Path]) -> None:
    node.wait_engine()
    for archive in archives:
        engine_api.request(node.socket, "POST", "/images/load?quiet=1", upload=archive)


def _form_swarm(lab: Lab) -> None:
    first = lab.manager
    _at_once(LabNode.wait_engine, lab.engines)
    first.api(
        "POST",
        "/swarm/init",
        {"ListenAddr": "0.0.0.0:2377", "AdvertiseAddr": first.address, "Spec": {}},
    )
    swarm: Any = first.api("GET", "/swarm")
    for node in lab.engines:
        if node is first or node.spec.role == "none":
            continue
        token = swarm["JoinTokens"]["Manager" if node.spec.role == "manager" else "Worker"]
        join = {
            "ListenAddr": "0.0.0.0:2377",
            "AdvertiseAddr": node.address,
            "RemoteAddrs": [f"{first.address}:2377"],
            "JoinToken": token,
        }
        node.api("POST", "/swarm/join", join)


def _remove(name: str) -> bool:
    """End and delete all there is of a lab.

    Its first processes are found by their mark and by the numbers in its state;
    with them ends whoever is in their namespaces (a shell, an nsenter).
    """
    found = bool(leftovers(name))
    state = states.load(name)
    first = set(processes.anchors(name))
    if state:
        first |= {each.pid for each in [state.wire, *state.nodes.values()] if each.alive}
    # Looked up while the first processes live: afterwards the kernel may give
    # the same numbers to somebody else's namespaces.
    processes.end(first | set(processes.inhabitants(processes.namespaces(first))))
    cgroups.remove(f"/dnet-lab/{name}")
    states.delete_folder(name)
    return found


def _at_once(function: Callable[[_T], _R], items: Iterable[_T]) -> list[_R]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(function, items))
