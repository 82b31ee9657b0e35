"""What a running lab leaves in its folder so that others can find and end it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.lab.processes import is_alive
from tests.lab.spec import LabSpec, NodeSpec, NodeUser, base_folder

_MARK = ".dnet-lab"


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
    return sorted(mark.parent.name for mark in base_folder().glob(f"*/{_MARK}"))


def make_folder(name: str) -> None:
    """Make a lab's folder, with a mark: no other folder is ever deleted."""
    folder = base_folder() / name
    folder.mkdir(mode=0o711)
    (folder / _MARK).touch()


def delete_folder(name: str) -> None:
    """Delete a lab's folder, the mark last so that it can be tried again."""
    folder = base_folder() / name
    if not (folder / _MARK).exists():
        with contextlib.suppress(OSError):
            folder.rmdir()  # empty: its maker died before it could mark it
        return
    for each in folder.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
        elif each.name != _MARK:
            each.unlink()
    shutil.rmtree(folder)


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Only one at a time may start or end a lab of this name."""
    path = base_folder() / f".{name}.lock"
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent.lstat().st_uid != os.geteuid():
            # Anybody can make a folder in /tmp; root must not work in theirs.
            raise ValueError(f"{path.parent} belongs to somebody else: choose another DNET_LAB_DIR")
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
