"""What we do otherwise than a recorded line of the docker CLI."""

from __future__ import annotations

import json
from typing import Any

from backends.change.steps import Compiled
from tests.recorder.record import stand_in
from tests.recorder.state import FILES
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
