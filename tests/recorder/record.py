"""One line at the docker CLI: what it asked, sent, and said."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from tests.recorder.server import Served
from tests.recorder.state import BEFORES
from tests.unit.change_support import StandIn


def stand_in(row: dict[str, Any]) -> StandIn:
    """The engine of a row: its ``api``, its service ``before`` (an index), and what is in ``with``."""
    before = BEFORES[row["before"]] if row.get("before") is not None else None
    return StandIn(api_version=row["api"], service=before, **row.get("with", {}))


def record(row: dict[str, Any], served: Served, socket: Path, folder: Path, docker: str, limit: float = 5.0) -> None:
    """Runs a row's words at a docker CLI and notes ``reads``, ``writes`` and, where it failed, ``error``."""
    served.stand_in = stand_in(row)
    served.seen = []
    home = folder.parent / "home"
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "FROM_ENV": "yes", "DOCKER_HOST": f"unix://{socket}"}
    with subprocess.Popen(
        [docker, *row["argv"][1:]],
        cwd=folder,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            _, errors = process.communicate(b"in", limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            _, errors = process.communicate()
    seen = served.seen
    writes = [_written(step, folder) for step in seen if step["method"] != "GET"]
    last = max((i for i, step in enumerate(seen) if step["method"] != "GET"), default=len(seen))
    row["reads"] = [step["path"] for step in seen[:last] if step["method"] == "GET"]
    row["writes"] = writes
    if process.returncode not in (0, -signal.SIGKILL):
        row["error"] = _said(errors.decode(errors="replace"))


def _written(step: dict[str, Any], folder: Path) -> list[Any]:
    written = [step["method"], step["path"], _at_home(step["body"], str(folder))]
    return [*written, step["auth"]] if "auth" in step else written


def _at_home(body: Any, folder: str) -> Any:
    """The folder it ran in is ``/here``."""
    if isinstance(body, dict):
        return {key: _at_home(value, folder) for key, value in body.items()}
    if isinstance(body, list):
        return [_at_home(value, folder) for value in body]
    if isinstance(body, str) and body.startswith(folder):
        return body.replace(folder, "/here")
    if isinstance(body, str) and body.startswith(os.path.dirname(folder)):
        return body.replace(os.path.dirname(folder), "") or "/"
    return body


def _said(text: str) -> str:
    """What it says without how to be helped."""
    lines = [line for line in text.strip().split("\n") if line.strip()]
    kept = [
        line for line in lines if not line.startswith(("See '", "Usage:", "Run 'docker", "Create a new", "Flag --"))
    ]
    first = kept[0] if kept else text.strip()
    return first if "'docker " in first else first.removeprefix("Error response from daemon: ").removeprefix("docker: ")
