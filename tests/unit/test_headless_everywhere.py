"""Outputs of all replicas side by side."""

from __future__ import annotations

import pytest

from tests.unit.test_headless_running import Ran, Swarm
from tui.headless import everywhere, results
from tui.headless.arguments import Arguments
from tui.headless.plain import Style
from tui.headless.results import Result, grouped, worst


def result(name: str, out: bytes, code: int = 0, err: bytes = b"") -> Result:
    return Result(name, "n1", f"id-{name}", code=code, stdout=out, stderr=err, worst=code)


def test_equal_results_are_told_once_most_first() -> None:
    # GIVEN one that differs, before two that agree
    groups = grouped([result("a", b"1"), result("b", b"2"), result("c", b"2")])
    # WHEN they are grouped, THEN the two are the measure
    assert [([r.name for r in g.results], g.differs) for g in groups] == [(["b", "c"], False), (["a"], True)]


def test_the_same_output_with_another_code_or_stream_differs() -> None:
    same = [result("a", b"x"), result("b", b"x", code=1), result("c", b"", err=b"x")]
    assert len(grouped(same)) == 3


@pytest.mark.parametrize(
    ("codes", "unasked", "wanted"), [((0, 0), False, 0), ((0, 0), True, 3), ((1, 126), True, 126), ((), True, 3)]
)
def test_the_worst_exit_code_wins(codes: tuple[int, ...], unasked: bool, wanted: int) -> None:
    assert worst([result("a", b"", code) for code in codes], unasked) == wanted


async def test_lines_that_differ_are_marked(capfd: pytest.CaptureFixture[str]) -> None:
    # GIVEN three replicas of which one says something else in its second line
    swarm = Swarm({"web.1": Ran(b"a\nb\n"), "web.2": Ran(b"a\nB\n", err=b"oh\n", code=4), "web.3": Ran(b"a\nb\n")})
    # WHEN a command is run on all
    code = await everywhere.run(swarm.cluster, Arguments("exec", target="web", all=True, words=("x",)), Style())
    # THEN what is equal stands once, and what is not is marked
    assert code == 4
    assert capfd.readouterr().out == (
        "web.1 on mgr, web.3 on mgr  exit 0\n  a\n  b\nweb.2 on mgr  exit 4  differs\n  a\n! B\n! 2> oh\n"
    )


async def test_endless_output_is_cut_and_said_so(capfd: pytest.CaptureFixture[str]) -> None:
    # GIVEN a replica that writes more than is kept
    swarm = Swarm({"web.1": Ran(b"x" * (results.CAP + 2048))})
    # WHEN its output is shown
    await everywhere.run(swarm.cluster, Arguments("exec", target="web", all=True, words=("x",)), Style())
    out = capfd.readouterr().out
    # THEN the rest is counted
    assert out.endswith("  2 KiB more were left out\n")
    assert out.count("x") == results.CAP + 1


async def test_bytes_that_are_no_text_are_base64(capfd: pytest.CaptureFixture[str]) -> None:
    swarm = Swarm({"web.1": Ran(b"\xff\x00")})
    await everywhere.run(swarm.cluster, Arguments("exec", target="web", all=True, json=True, words=("x",)), Style())
    out = capfd.readouterr().out
    assert '"encoding":"base64","stdout":"/wA="' in out
