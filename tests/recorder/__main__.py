"""Tries lines at the docker CLI and at us, against one stand-in engine, and tells where the two differ.

``python -m tests.recorder try CASES.jsonl``: rows of ``{"argv", "api", "before", "with"}``; differences to stdout.
``python -m tests.recorder keep CASES.jsonl OUT.jsonl.gz``: records them for ``tests/unit/data``.
``--docker PATH`` is the CLI (default ``docker``).
"""

from __future__ import annotations

import argparse
import gzip
import json
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Any

from backends.change.steps import Compiled
from tests.recorder.record import record, stand_in
from tests.recorder.server import serving
from tests.recorder.state import BEFORES, FILES, write_files
from tests.unit.change_support import compiled, surroundings, unordered


def difference(row: dict[str, Any]) -> str:
    """What we do otherwise than the recorded CLI; empty is nothing."""
    engine = stand_in(row)
    found = compiled(row["argv"], engine, surroundings(FILES, row["api"]))
    if not isinstance(found, Compiled):
        sentence = " / ".join(f"{e.sentence} [{e.flag}]" for e in found)
        if row["writes"]:
            return f"we refuse: {sentence}\n   sent: {json.dumps(row['writes'])[:200]}"
        if "error" not in row:
            return f"we refuse, it did nothing: {sentence}"
        same = any(e.sentence.split(": open ")[0][:40] in row["error"] for e in found)
        return "" if same else f"WORDS ours:   {sentence}\n   theirs: {row['error']}"
    if "error" in row and not row["writes"]:
        return f"it refuses: {row['error']}\n   we send: {json.dumps([s.as_json() for s in found.writes])[:200]}"
    ours = [[s.method, s.path, unordered(s.body)] for s in found.writes]
    theirs = [[method, path, unordered(body)] for method, path, body, *_ in row["writes"]]
    if ours != theirs:
        return "\n   ".join(apart(ours, theirs, "writes"))
    reads = [step.path for step in found.steps if step.reads]
    if reads != row["reads"][: len(reads)] or (row["writes"] and len(reads) != len(row["reads"])):
        return f"reads ours:   {reads}\n    theirs: {row['reads']}"
    return ""


def apart(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Where two JSON values differ, a line each."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = sorted({*ours, *theirs})
        return [line for k in keys for line in apart(ours.get(k, "absent"), theirs.get(k, "absent"), f"{path}.{k}")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [line for i, pair in enumerate(zip(ours, theirs, strict=True)) for line in apart(*pair, f"{path}[{i}]")]
    same = json.dumps(ours, sort_keys=True) == json.dumps(theirs, sort_keys=True)
    return [] if same else [f"{path}: ours {json.dumps(ours)}  theirs {json.dumps(theirs)}"]


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=("try", "keep"))
    parser.add_argument("cases")
    parser.add_argument("out", nargs="?")
    parser.add_argument("--docker", default="docker")
    given = parser.parse_args()
    rows = [json.loads(line) for line in Path(given.cases).read_text().splitlines()]
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top, "here")
        folder.mkdir()
        Path(top, "home").mkdir()
        write_files(folder)
        socket = Path(top, "engine.sock")
        wrong = 0
        with serving(socket) as served:
            for row in rows:
                record(row, served, socket, folder, given.docker)
                told = difference(row)
                if told:
                    wrong += 1
                    about = f"api={row['api']} before={row.get('before')} with={row.get('with', '')}"
                    print(f"{shlex.join(row['argv'])}  ({about})\n   {told}\n")
        print(f"{len(rows)} lines, {wrong} differ", file=sys.stderr)
    if given.command == "keep":
        with gzip.open(given.out, "wt") as file:
            file.write(json.dumps({"files": FILES, "befores": BEFORES}) + "\n")
            file.writelines(json.dumps(row) + "\n" for row in rows)


if __name__ == "__main__":
    main()
