"""The sample that a lab's Swarm runs: a bit of everything that people have."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from tests.lab.images import BOX, DISTROLESS, FULL
from tests.lab.node import LabNode

NETWORK = "labnet"

#: Running tasks by service when all is well; ``shop_worker`` never stays up.
EXPECTED: Mapping[str, int] = {"web": 3, "db": 1, "shop_api": 1, "agent": 3}
_REPLICAS: Mapping[str, int] = {"web": 3, "db": 1, "shop_api": 1, "shop_worker": 1}

_STACK = f"""\
version: "3.8"
services:
  api:
    image: {BOX}
    networks: [default, labnet]
    deploy:
      replicas: 1
      placement:
        constraints: [node.role == manager]
  worker:
    image: {BOX}
    command: ["sh", "-c", "echo 'no queue at amqp://broker' >&2; sleep 2; exit 3"]
    deploy:
      replicas: 1
      restart_policy:
        condition: any
        delay: 5s
networks:
  default:
    driver: overlay
  labnet:
    external: true
"""

_CREATE = ("service", "create", "-d", "-q", "--no-resolve-image")

_SERVICES: tuple[tuple[str, ...], ...] = (
    ("--name=web", "--replicas=3", f"--network={NETWORK}", "--publish=8080:80", BOX),
    (
        "--name=db",
        f"--network={NETWORK}",
        "--constraint=node.role==worker",
        "--mount=type=volume,source=dbdata,target=/data",
        "--env=DB_NAME=shop",
        FULL,
    ),
    ("--name=agent", "--mode=global", f"--network={NETWORK}", DISTROLESS),
)


def deploy(manager: LabNode) -> None:
    """Deploy the sample; its tasks may still be starting afterwards."""
    manager.docker("network", "create", "-d", "overlay", "--attachable", NETWORK)
    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(manager.docker, *_CREATE, *args) for args in _SERVICES]
        jobs.append(
            pool.submit(
                manager.docker,
                *("stack", "deploy", "--resolve-image=never", "-c", "-", "shop"),
                stdin=_STACK,
            )
        )
        jobs.append(pool.submit(run_local, manager, "localbox"))
        for job in jobs:
            job.result()


def restore(manager: LabNode) -> None:
    """Give the services their number of tasks again."""
    services = manager.api("GET", "/services")
    assert isinstance(services, list)
    for service in services:
        wanted = _REPLICAS.get(service["Spec"]["Name"])
        if wanted and service["Spec"]["Mode"]["Replicated"]["Replicas"] != wanted:
            manager.docker("service", "update", "-d", "--replicas", str(wanted), service["ID"])


def run_local(node: LabNode, name: str) -> str:
    """Run a plain container with bash and nano on one node."""
    # Always restarted: a test that kills the engine must not take it from those that follow.
    return node.docker("run", "-d", "--restart=always", "--name", name, "--hostname", name, FULL).strip()


def running_tasks(manager: LabNode) -> dict[str, int]:
    """The number of running tasks of each service."""
    services = manager.api("GET", "/services")
    tasks = manager.api("GET", "/tasks")
    assert isinstance(services, list)
    assert isinstance(tasks, list)
    names = {service["ID"]: service["Spec"]["Name"] for service in services}
    counts = dict.fromkeys(names.values(), 0)
    for task in tasks:
        if task["ServiceID"] in names and task["Status"]["State"] == "running":
            counts[names[task["ServiceID"]]] += 1
    return counts
