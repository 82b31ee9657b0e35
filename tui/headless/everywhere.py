"""``exec --all``: one command on all replicas of a service, outputs side by side, equal ones told once."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from backends.api import Cluster, ExecRequest, Json
from backends.errors import BackendError
from backends.model import Key
from tui.headless import plain
from tui.headless.arguments import Arguments
from tui.headless.results import AT_ONCE, CAP, Group, Result, grouped, worst
from tui.headless.running import next_bytes, refused, request
from tui.headless.settle import Watch
from tui.headless.target import Finder
from tui.text.ago import size
from tui.text.clean import clean
from tui.text.span import Line

_T = TypeVar("_T")


async def run(cluster: Cluster, given: Arguments, style: plain.Style) -> int:
    """Runs the command in all replicas and prints what they said. Raises ``UsageError`` and ``BackendError``."""
    wanted = replace(request(given), stdin=False, tty=False)
    watch = Watch(cluster)
    try:
        finder = Finder(cluster, watch, given.timeout)
        replicas = await finder.all(given.target, given.node)
        named = [(c, finder.name(c), finder.node(c)) for c in replicas.containers]
    finally:
        watch.close()
    gate = asyncio.Semaphore(AT_ONCE)
    tasks = [
        asyncio.create_task(ask_one(cluster, c.key, Result(name, node, c.id, c.node_id), wanted, gate))
        for c, name, node in named
    ]
    results, stopped = await gathered(tasks, [interrupted(Result(n, node, c.id, c.node_id)) for c, n, node in named])
    tell(results, given, style)
    plain.missing(replicas.elsewhere, given.json)
    plain.flush()
    if stopped:
        raise asyncio.CancelledError
    return worst(results, bool(replicas.elsewhere))


async def gathered(tasks: Sequence[asyncio.Task[_T]], cut: Sequence[_T]) -> tuple[list[_T], bool]:
    """(all results, ``False``); where it is interrupted, those that have ended, for the others
    what stands in ``cut``, and ``True``."""
    try:
        return [*await asyncio.gather(*tasks)], False
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return [other if task.cancelled() else task.result() for task, other in zip(tasks, cut, strict=True)], True


def interrupted(blank: Result) -> Result:
    """What is told of a command that was not waited for."""
    return replace(blank, problem="interrupted; the command may go on", worst=130)


def tell(results: Sequence[Result], given: Arguments, style: plain.Style) -> None:
    """Prints what was said: equal answers once, or as JSON each by itself."""
    groups = grouped(results)
    if given.json:
        for result in results:
            plain.record(_record(result, next(g.differs for g in groups if result in g.results)))
    else:
        for group in groups:
            _show(group, groups[0].result, style)
    plain.flush()


async def ask_one(cluster: Cluster, key: Key, blank: Result, wanted: ExecRequest, gate: asyncio.Semaphore) -> Result:
    """Runs a command in one container, or a task's; ``blank`` says which, ``gate`` bounds how many run at once. What
    went wrong is part of the result."""
    async with gate:
        try:
            session = await cluster.exec(key, wanted)
        except BackendError as error:
            return replace(blank, problem=str(error), worst=refused(error))
        kept = {"stdout": bytearray(), "stderr": bytearray()}
        skipped = 0
        problem, code = "", None
        try:
            while True:
                stream, data = await next_bytes(session)
                if not data:
                    break
                room = CAP - len(kept[stream])
                kept[stream] += data[:room]
                skipped += max(0, len(data) - room)
            code = await session.wait()
        except BackendError as error:
            problem = str(error)
        finally:
            await session.close()
    return replace(
        blank,
        code=code,
        stdout=bytes(kept["stdout"]),
        stderr=bytes(kept["stderr"]),
        skipped=skipped,
        problem=problem,
        worst=1 if code is None else code,
    )


def _record(result: Result, differs: bool) -> dict[str, Json]:
    texts: list[str] = []
    encoding = "utf-8"
    try:
        texts = [data.decode() for data in (result.stdout, result.stderr)]
    except UnicodeDecodeError:
        encoding = "base64"
        texts = [base64.b64encode(data).decode() for data in (result.stdout, result.stderr)]
    return {
        "name": result.name,
        "node": result.node if result.container_id else result.name,
        "node_id": result.node_id,
        "container_id": result.container_id,
        "exit_code": result.code,
        "differs": differs,
        "encoding": encoding,
        "stdout": texts[0],
        "stderr": texts[1],
        "skipped_bytes": result.skipped,
        "problem": result.problem,
    }


def _show(group: Group, most: Result, style: plain.Style) -> None:
    """Who said it, then what: lines that the first group does not have are marked with ``!``."""
    result = group.result
    told = result.problem if result.code is None else f"exit {result.code}"
    if result.code is not None and result.problem:
        told += f", {result.problem}"
    head: Line = (
        (", ".join(member.label for member in group.results), "bold"),
        ("  ", ""),
        (told, "err" if result.worst else "ok"),
    )
    if group.differs:
        head = (*head, ("  differs", "warn"))
    plain.line(head, replace(style, width=0))
    for name, data, other in (("", result.stdout, most.stdout), ("2> ", result.stderr, most.stderr)):
        known = set(other.splitlines()) if group.differs else None
        for row in data.splitlines():
            _row(row, "! " if known is not None and row not in known else "  ", name, style)
    if result.skipped:
        plain.line((("  ", ""), (f"{size(result.skipped)} more were left out", "warn")), style)


def _row(row: bytes, mark: str, name: str, style: plain.Style) -> None:
    if not os.isatty(1):
        plain.raw(mark.encode() + name.encode() + row + b"\n")
        return
    text = clean(row.decode("utf-8", "replace"))
    plain.line(((mark, "warn"), (name, "muted"), (text, "")), replace(style, width=0))
