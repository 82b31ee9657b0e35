"""What a running lab leaves in its folder so that others can find and end it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.lab.processes import is_alive
from tests.lab.spec import LabSpec, NodeSpec, NodeUser, base_folder


@dataclass(frozen=True)
class Process:
    """A process that cannot be mistaken for a later one of the same number."""

    pid: int
    started: str

    @property
    def alive(self) -> bool:
        """Is it still there?"""
        return is_alive(self.pid, self.started)


@dataclass(frozen=True)
class State:
    """A lab that has been started, in whole or in part."""

    spec: LabSpec
    wire: Process
    nodes: dict[str, Process]
    #: Who ends it: while it starts whoever starts it, None for one left running.
    owner: Process | None
    complete: bool

    @property
    def orphaned(self) -> bool:
        """Is whoever should have ended it gone?"""
        return self.owner is not None and not self.owner.alive

    @property
    def running(self) -> bool:
        """Is all of it there, to stay?"""
        processes = [self.wire, *self.nodes.values()]
        return self.complete and not self.orphaned and all(process.alive for process in processes)


def _file(name: str) -> Path:
    return base_folder() / name / "state.json"


def save(state: State) -> None:
    """Write the state, all at once."""
    path = _file(state.spec.name)
    document = asdict(state)
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(document, indent=1))
    unfinished.replace(path)


def load(name: str) -> State | None:
    """The state of a lab; None if there is none that can be read."""
    try:
        document = json.loads(_file(name).read_text())
        spec = document["spec"]
        spec["nodes"] = tuple(_node(node) for node in spec["nodes"])
        return State(
            spec=LabSpec(**spec),
            wire=Process(**document["wire"]),
            nodes={name: Process(**process) for name, process in document["nodes"].items()},
            owner=Process(**document["owner"]) if document["owner"] else None,
            complete=document["complete"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _node(document: dict[str, object]) -> NodeSpec:
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in document.items()}
    users = document.get("users")
    if isinstance(users, list):
        values["users"] = tuple(NodeUser(**user) for user in users)
    return NodeSpec(**values)  # type: ignore[arg-type]


def names() -> list[str]:
    """All labs that have a folder."""
    base = base_folder()
    return sorted(each.name for each in base.iterdir() if each.is_dir()) if base.is_dir() else []


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Only one at a time may start or end a lab of this name."""
    path = base_folder() / f".{name}.lock"
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = path.open("w")
        except FileNotFoundError:
            continue
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not _is(path, file.fileno()):
                continue  # whoever held it has removed the file that we waited for
            try:
                yield
            finally:
                path.unlink()
                with contextlib.suppress(OSError):
                    path.parent.rmdir()
            return


def _is(path: Path, descriptor: int) -> bool:
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False
