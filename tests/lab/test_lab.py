"""The lab itself: it comes up, faults do what they should, nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import images, processes
from tests.lab import lab as labs
from tests.lab.engine_api import PATIENCE, EngineError, wait_for
from tests.lab.fixtures import require_lab
from tests.lab.lab import Lab
from tests.lab.node import CommandError
from tests.lab.sample import EXPECTED, running_tasks
from tests.lab.spec import ANCHOR_VARIABLE, HOME_VARIABLE, REPOSITORY, LabSpec, NodeSpec, NodeUser
from tests.lab.wire import no_such_name

pytestmark = pytest.mark.lab

SSH = ("ssh", "-o", "BatchMode=yes")


@pytest.fixture
def spare_name() -> Iterator[str]:
    """The name of a second lab, which is gone afterwards in any case."""
    require_lab()
    name = f"spare-{os.getpid()}"
    yield name
    labs.down(name)


def test_three_nodes_are_ready_and_the_sample_runs(lab: Lab) -> None:
    assert sorted(lab.ready_nodes()) == ["manager1", "worker1", "worker2"]
    services = lab.manager.docker("service", "ls", "--format", "{{.Name}} {{.Replicas}}")
    assert "web 3/3" in services
    assert "agent 3/3" in services
    assert "localbox" in lab.manager.docker("ps", "--format", "{{.Names}}")


def test_tasks_on_an_overlay_network_run_on_the_workers(lab: Lab) -> None:
    rows = lab.manager.docker(
        *("service", "ps", "db", "agent", "--filter", "desired-state=running"),
        *("--format", "{{.Node}}"),
    )
    assert {"worker1", "worker2"} <= set(rows.split())
    networks = lab.nodes["worker1"].docker("network", "ls", "--format", "{{.Name}} {{.Driver}}")
    assert "labnet overlay" in networks


def test_an_image_is_the_same_on_every_node(lab: Lab) -> None:
    for tag in (images.BOX, images.BOX_NEXT, images.DISTROLESS, images.FULL):
        ids = {node.docker("image", "inspect", "-f", "{{.Id}}", tag) for node in lab.engines}
        assert len(ids) == 1


def test_the_images_hold_what_they_should(lab: Lab) -> None:
    run = ("run", "--rm", "--entrypoint")
    assert "GNU nano" in lab.manager.docker(*run, "nano", images.FULL, "--version")
    assert lab.manager.docker(*run, "cat", images.BOX_NEXT, "/www/index.html") == "lab box 2\n"
    with pytest.raises(Exception, match="sh"):
        lab.manager.docker(*run, "sh", images.DISTROLESS, "-c", "true")


def test_inside_a_node_it_looks_like_a_machine_of_its_own(lab: Lab) -> None:
    script = 'hostname; docker info -f "{{.Name}}"; test -x "$0" && echo python; pwd'
    output = lab.nodes["worker2"].run("sh", "-c", script, sys.executable)
    assert output.split() == ["worker2", "worker2", "python", "/root"]
    assert lab.manager.run(*SSH, "worker1", "hostname") == "worker1\n"


def test_a_killed_engine_makes_its_node_down_and_starting_it_ready_again(lab: Lab) -> None:
    worker = lab.nodes["worker2"]
    worker.kill_engine()
    try:
        wait_for(lambda: worker.name not in lab.ready_nodes(), "the node down", PATIENCE)
    finally:
        worker.start_engine()
    lab.wait_ready()


def test_a_cut_link_and_a_frozen_engine_come_back(lab: Lab) -> None:
    worker = lab.nodes["worker1"]
    ping = ("ping", "-c2", "-W2", worker.address)
    probe = ("docker", "run", "--rm", "--network=host", images.BOX, *ping)
    assert "bytes from" in lab.manager.run(*probe)
    worker.cut_link()
    try:
        assert "0 packets received" in lab.manager.run("sh", "-c", f"{' '.join(probe)} || true")
    finally:
        worker.restore_link()
    worker.stop_engine()
    try:
        with pytest.raises(EngineError, match="timed out"):
            worker.api("GET", "/_ping", timeout=0.5)
    finally:
        worker.cont_engine()
    worker.wait_engine()
    lab.wait_ready()


def test_what_a_test_leaves_changed_is_set_back(lab: Lab) -> None:
    lab.manager.docker("service", "scale", "-d", "web=1", "db=2")
    lab.manager.docker("node", "update", "--availability", "drain", "worker2")
    lab.settle()
    assert dict(EXPECTED).items() <= running_tasks(lab.manager).items()
    assert "Drain" not in lab.manager.docker("node", "ls", "--format", "{{.Availability}}")


def test_two_machines_in_no_swarm_log_in_on_each_other(plain_lab: Lab) -> None:
    assert list(plain_lab.nodes) == ["one", "two"]
    state = "docker info -f '{{.Name}} {{.Swarm.LocalNodeState}}'"
    assert plain_lab.manager.run(*SSH, "two", state) == "two inactive\n"
    assert plain_lab.nodes["two"].run(*SSH, plain_lab.manager.address, state) == "one inactive\n"


def test_plain_engines_come_up_and_nothing_is_left_of_them(spare_name: str) -> None:
    nodes = (
        NodeSpec("one", role="manager"),
        NodeSpec(
            "two",
            ssh_port=2222,
            ssh_user="ops",
            users=(NodeUser("ops"),),
            sshd_options=("AllowTcpForwarding no",),
        ),
        NodeSpec("three", ssh_user="plain", users=(NodeUser("plain", docker=False, sudo=True),)),
        NodeSpec("four", engine=False, trust="changed"),
    )
    lab = labs.up(LabSpec(spare_name, nodes, swarm=False, images=False), owner=os.getpid())
    assert lab.manager.docker("info", "-f", "{{.Swarm.LocalNodeState}}") == "inactive\n"
    who = lab.manager.run(*SSH, "two", "id -un; docker info -f {{.Name}}")
    assert who.split() == ["ops", "two"]
    who = lab.manager.run(*SSH, "three", "id -un; docker ps || sudo -n docker info -f {{.Name}}")
    assert who.split() == ["plain", "three"]
    with pytest.raises(CommandError, match="IDENTIFICATION HAS CHANGED"):
        lab.manager.run(*SSH, "four", "true")
    with pytest.raises(CommandError, match="administratively prohibited"):
        lab.manager.run(*SSH, "-W", "localhost:22", "two")
    spaces = processes.namespaces(node.pid for node in lab.nodes.values())
    with subprocess.Popen(lab.manager.enter(["sleep", "1000"])) as visitor:
        wait_for(lambda: visitor.pid in processes.inhabitants(spaces), "the visitor inside", PATIENCE)
        inhabitants = {pid: processes.start_time(pid) for pid in processes.inhabitants(spaces)}
        lab.down()
        visitor.wait(PATIENCE)
    assert labs.leftovers(spare_name) == []
    assert not [pid for pid, start in inhabitants.items() if start and processes.is_alive(pid, start)]


def test_a_lab_ends_when_whoever_started_it_is_killed(spare_name: str) -> None:
    command = [sys.executable, "-m", "tests.lab", "--name", spare_name, "run", "--no-swarm"]
    with subprocess.Popen([*command, "sleep", "1000"], cwd=REPOSITORY) as owner:
        wait_for(lambda: labs.attach(spare_name) is not None, "the lab running", PATIENCE)
        owner.send_signal(signal.SIGKILL)
    wait_for(lambda: labs.leftovers(spare_name) == [], "nothing left of the lab", PATIENCE)
    assert not Path("/run/netns", spare_name).exists()


def test_the_namespaces_of_the_machine_are_never_those_of_a_lab() -> None:
    # GIVEN an anchor that has made a namespace, of a lab that was started from where other processes live
    home = {ANCHOR_VARIABLE: "machine-own", HOME_VARIABLE: processes.home()}
    with subprocess.Popen(["unshare", "-n", "sleep", "1000"], env={**os.environ, **home}) as anchor:
        try:
            wait_for(lambda: bool(processes.namespaces([anchor.pid])), "its own network", PATIENCE)
            # THEN it is found, and only what it made counts, whatever can be read of process 1
            assert processes.anchors("machine-own") == [anchor.pid]
            made = processes.namespaces([anchor.pid])
            assert made == {os.readlink(f"/proc/{anchor.pid}/ns/net")}
            assert processes.inhabitants(made) == [anchor.pid]
        finally:
            anchor.kill()
    # WHEN the machine's own are asked about all the same THEN nobody is given to be ended
    with pytest.raises(RuntimeError, match="our own processes"):
        processes.inhabitants(set(processes.home().split(",")))


def test_a_lab_that_was_started_elsewhere_is_left_alone() -> None:
    # GIVEN an anchor whose lab's folder is not seen from here: it was started with other mounts
    words = processes.home().replace("mnt:[", "mnt:[9")
    elsewhere = {ANCHOR_VARIABLE: "seen-elsewhere", HOME_VARIABLE: words}
    with subprocess.Popen(["sleep", "1000"], env={**os.environ, **elsewhere}) as anchor:
        try:
            marked = Path(f"/proc/{anchor.pid}/environ")
            wait_for(lambda: b"seen-elsewhere" in marked.read_bytes(), "its mark", PATIENCE)
            # THEN it is none of ours, and looks abandoned to nobody
            assert "seen-elsewhere" not in processes.anchored_labs()
            assert processes.anchors("seen-elsewhere") == []
        finally:
            anchor.kill()


def test_the_resolver_knows_no_names() -> None:
    question = b"\x07example\x03com\x00\x00\x01\x00\x01"
    query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + question
    assert no_such_name(query) == b"\x12\x34\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00" + question
    assert no_such_name(b"\x12\x34") is None
