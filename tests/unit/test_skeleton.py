"""The frame drawn before the app: right place, right colours, terminal given back."""

from __future__ import annotations

import os
import pty
import re
import signal
from pathlib import Path

import pytest

from tui.cli import Options, parse
from tui.look.colors import INDEX, TRUE
from tui.look.tokens import Depth, detect, wants_ascii
from tui.skeleton import COLOURS, Skeleton, _ascii, _Ink, configured, frame

UTF8 = {"LANG": "C.UTF-8", "TERM": "xterm-256color"}


def cells(text: str, width: int, height: int) -> list[str]:
    """What a terminal of that size shows of escape codes: cursor moves and text only."""
    rows = [[" "] * width for _ in range(height)]
    y = x = 0
    for move, other, char in re.findall(r"\x1b\[(\d*;\d*|)H|(\x1b\[[?\d;]*[A-Za-z])|([^\x1b])", text):
        if char:
            if y < height and x < width:
                rows[y][x] = char
            x += 1
        elif not other:
            y, x = (int(part or 1) - 1 for part in (move or ";").split(";"))
    return ["".join(row).rstrip() for row in rows]


def test_its_colours_are_those_of_the_palette() -> None:
    # GIVEN the tokens it repeats, since the palette itself needs Rich
    for token, (dark, light, dark_index, light_index) in COLOURS.items():
        # THEN they are the same
        assert TRUE[token] == (f"#{dark}", f"#{light}")
        assert INDEX[token] == (dark_index, light_index)


@pytest.mark.parametrize(
    "environ",
    [
        {"TERM": "xterm-256color"},
        {"TERM": "xterm", "COLORTERM": "truecolor"},
        {"TERM": "xterm"},
        {"TERM": "xterm-256color", "NO_COLOR": "1"},
        {"TERM": "alacritty"},
        {"TERM": "xterm-kitty"},
        {"TERM": "xterm-256color", "COLORFGBG": "0;15"},
        {"TERM": "xterm-256color", "COLORFGBG": "15;0"},
        {"TERM": "xterm-256color", "COLORFGBG": "0;8"},
        {"TERM": "linux"},
        {"TERM": "xterm-256color", "LANG": "de_DE.ISO-8859-1"},
        {"TERM": "xterm-256color", "LANG": "de_DE"},
        {"TERM": "xterm-256color", "LC_ALL": "en_US.utf8"},
    ],
)
def test_it_judges_the_terminal_as_the_app_does(environ: dict[str, str]) -> None:
    # WHEN both look at the same environment
    ink, choice = _Ink(Options(), environ, {}), detect(environ)
    # THEN they draw alike
    assert ink.depth == {Depth.TRUE: "true", Depth.C256: "256", Depth.C16: "16", Depth.MONO: "none"}[choice.depth]
    assert ink.light != choice.dark
    assert _ascii(Options(), environ) == wants_ascii(environ)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 48), (200, 60), (40, 10), (20, 5), (3, 2)])
def test_it_fits_any_size(size: tuple[int, int]) -> None:
    # WHEN it is drawn for a size
    text = frame(parse(["--view", "services"]), *size, UTF8)
    # THEN nothing is put outside
    assert all(int(row) <= size[1] for row in re.findall(r"\x1b\[(\d+);\d+H", text))


def test_it_takes_the_theme_of_the_configuration(tmp_path: Path) -> None:
    # GIVEN a configuration with a theme, and another word of that name in a table
    file = tmp_path / "config.toml"
    file.write_text('# mine\ntheme = "light"  # at noon\nascii = true\n\n[contexts.prod]\ntheme = "no"\n')
    # WHEN the skeleton looks, THEN it finds what it needs; the environment outranks it
    found = configured({"DNET_TUI_CONFIG": str(file)})
    assert (found["theme"], found["ascii"]) == ("light", "true")
    assert configured({"DNET_TUI_CONFIG": str(file), "DNET_TUI_THEME": "dark"})["theme"] == "dark"
    assert configured({"DNET_TUI_CONFIG": str(tmp_path / "none")})["theme"] == ""


def test_it_shows_the_start_view() -> None:
    # WHEN it is drawn
    rows = cells(frame(parse(["--view", "services", "--context", "prod-eu"]), 120, 36, UTF8), 120, 36)
    # THEN its rows are where the app will have them
    assert rows[0].startswith(" dnet  asking prod-eu")
    assert rows[0].endswith("◐ connecting")
    assert "3 Services" in rows[1]
    assert rows[2].startswith("━━ Services ━")
    assert rows[35].endswith(": command  ? help")


def test_what_was_typed_cannot_reach_the_terminal() -> None:
    # GIVEN a host with an escape sequence in it
    text = frame(parse(["-H", "unix:///\x1b]0;pwned\x07"]), 80, 24, UTF8)
    # THEN it is not written
    assert "\x1b]" not in text
    assert "\x07" not in text


def test_the_terminal_is_given_back_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a terminal
    import termios

    master, slave = pty.openpty()
    saved = os.dup(0), os.dup(1)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        os.dup2(slave, 0)
        os.dup2(slave, 1)
        monkeypatch.setattr("tui.skeleton._write", lambda text: os.write(1, text.encode()))
        before = termios.tcgetattr(0)
        # WHEN the skeleton was shown and the program ends
        skeleton = Skeleton(Options())
        skeleton.show()
        quiet = termios.tcgetattr(0)
        skeleton.restore()
        # THEN nothing was echoed meanwhile, ctrl+q was not kept by the terminal, and all is as before
        assert not quiet[3] & termios.ECHO
        assert not quiet[0] & termios.IXON
        assert termios.tcgetattr(0) == before
        # A terminal hands on what was written in pieces, and may still be busy with the first.
        shown = b""
        while b"\x1b[?25h" not in shown:
            shown += os.read(master, 65536)
        assert shown.count(b"\x1b[?1049h") == shown.count(b"\x1b[?1049l") == 1
    finally:
        for which, handler in handlers.items():
            signal.signal(which, handler)
        for number, descriptor in enumerate(saved):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.close(slave)
        os.close(master)
