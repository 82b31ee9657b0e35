"""Tries lines at the docker CLI and at us, against one stand-in engine, and tells where the two differ.

``python -m tests.recorder singles|combined|others [COUNT [SEED]] > CASES.jsonl``: makes lines.
``python -m tests.recorder try CASES.jsonl``: rows of ``{"argv", "api", "before", "with"}``; differences to stdout.
``python -m tests.recorder keep CASES.jsonl OUT.jsonl.gz``: those that do not differ, for ``tests/unit/data``.
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

from tests.recorder.cases import Row, combined, singles
from tests.recorder.cases_other import others
from tests.recorder.compare import difference
from tests.recorder.record import record
from tests.recorder.server import serving
from tests.recorder.state import write_files


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=("singles", "combined", "others", "try", "keep"))
    parser.add_argument("words", nargs="*")
    parser.add_argument("--docker", default="docker")
    given = parser.parse_args()
    if given.command in ("try", "keep"):
        rows = [json.loads(line) for line in Path(given.words[0]).read_text().splitlines()]
        agreed = _tried(rows, given.docker)
        if given.command == "keep":
            with gzip.GzipFile(given.words[1], "wb", mtime=0) as file:
                for row in agreed:
                    file.write((json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n").encode())
        return
    count, seed = (int(word) for word in [*given.words, "100", "1"][:2])
    made = combined(count, seed) if given.command == "combined" else others(count, seed)
    for row in singles() if given.command == "singles" else made:
        print(json.dumps(row))


def _tried(rows: list[Row], docker: str) -> list[Row]:
    """Records all; the rows in which we do as the CLI does. The others are told."""
    agreed: list[Row] = []
    with tempfile.TemporaryDirectory() as top:
        folder, socket = Path(top, "here"), Path(top, "engine.sock")
        for made in (folder, Path(top, "home")):
            made.mkdir()
        write_files(folder)
        with serving(socket) as served:
            for row in rows:
                record(row, served, socket, folder, docker)
                told = difference(row)
                if not told:
                    agreed.append(row)
                    continue
                about = f"api={row['api']} before={row.get('before')} with={row.get('with', '')}"
                print(f"{shlex.join(row['argv'])}  ({about})\n   {told}\n")
    print(f"{len(rows)} lines, {len(rows) - len(agreed)} differ", file=sys.stderr)
    return agreed


if __name__ == "__main__":
    main()
