"""Writing what a pane shows to a file of the person's own."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tui.tables.spec import Moment
from tui.text.clean import clean
from tui.text.span import plain
from tui.widgets.table import ResourceTable


def save_text(text: str, name: str, arguments: Sequence[str], now: float) -> tuple[str, bool]:
    """Writes ``text`` to the path in ``arguments``, else to ``NAME-time`` in the current folder (the home folder
    where that may not be written). An existing file is never replaced. Only the owner may read it, since logs and
    specs hold secrets. Answers the sentence to say, and whether it is bad news."""
    if arguments:
        path = Path(" ".join(arguments)).expanduser()
    else:
        stem, dot, suffix = re.sub(r"[^\w.-]+", "_", name).strip(".").rpartition(".")
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
        folder = Path.cwd() if os.access(Path.cwd(), os.W_OK) else Path.home()
        path = folder / f"{stem or 'saved'}-{stamp}{dot}{suffix}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except FileExistsError:
        return f"{path} exists already; name another file: :save PATH.", True
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}.", True
    return f"saved to {path}", False


def save_list(table: ResourceTable, moment: Moment, arguments: Sequence[str]) -> tuple[str, bool]:
    """Writes the rows that are shown, whole columns, as tab separated text."""
    spec: Any = table.spec
    rows = [[column.title or column.id for column in spec.columns]]
    for row in table.rows_shown:
        cells = [column.cell(row, moment) for column in spec.columns]
        rows.append([clean(cell if isinstance(cell, str) else plain(cell)) for cell in cells])
    text = "".join("\t".join(cells) + "\n" for cells in rows)
    return save_text(text, f"{spec.id}.tsv", arguments, moment.now)
