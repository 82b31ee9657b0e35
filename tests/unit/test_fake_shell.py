"""The small shell inside simulated containers."""

from __future__ import annotations

import pytest

from backends.fake.clock import FixedClock
from backends.fake.profiles import profile_of
from backends.fake.scenario import open_scene
from backends.fake.shell import Shell
from backends.fake.shell_files import Files


class Typed:
    """A terminal whose input is known beforehand."""

    def __init__(self, *keys: bytes) -> None:
        self._keys = list(keys)
        self.out = b""

    def write(self, data: bytes) -> None:
        self.out += data

    async def flush(self) -> None:
        pass

    async def read(self) -> bytes:
        return self._keys.pop(0) if self._keys else b""


def shell(terminal: Typed, name: str = "sh", *, tty: bool = False, box: str = "webapp1") -> Shell:
    scene = open_scene("quiet", clock=FixedClock())
    host = scene.world.hosts["manager-1"]
    found = next(c for c in host.containers.values() if c["Name"].startswith(f"/{box}"))
    files = Files(found, profile_of(found["Config"]["Image"]), {})
    names = {"mysql": "10.0.9.3"}
    return Shell(
        found,
        files,
        terminal,
        name=name,
        tty=tty,
        now=scene.world.now,
        size=lambda: (80, 24),
        resolve=lambda n: names.get(n, ""),
    )


async def run(script: str) -> tuple[int, str]:
    """What a script writes without a terminal, and its code."""
    terminal = Typed()
    code = await shell(terminal).script(script)
    return code, terminal.out.decode()


@pytest.mark.parametrize(
    ("script", "out"),
    [
        ("echo one   two", "one two\n"),
        ("echo 'a  b' \"c  d\"", "a  b c  d\n"),
        ("pwd; cd /etc && pwd", "/var/www/html\n/etc\n"),
        ("false || echo no", "no\n"),
        ("false && echo no; echo yes", "yes\n"),
        ("X=5; echo $X ${X} '$X'", "5 5 $X\n"),
        ("nosuch; echo $?", "sh: nosuch: not found\n127\n"),
        ("echo hello > /tmp/f; echo more >> /tmp/f; cat /tmp/f", "hello\nmore\n"),
        ("cat /etc/resolv.conf | grep -i NAMESERVER | wc -l", "1\n"),
        ("ls /nosuch", "ls: /nosuch: No such file or directory\n"),
        ("echo quiet > /dev/null 2>&1", ""),
        ("nslookup mysql | tail -n 1", "Address: 10.0.9.3\n"),
        ("ping nosuch", "ping: bad address 'nosuch'\n"),
        ("whoami; command -v bash", "root\n/bin/bash\n"),
        ("echo 'unclosed", "sh: syntax error: No closing quotation\n"),
        ("sh -c 'echo inner'", "inner\n"),
        (
            "rm /etc; touch /tmp/x; rm /tmp/x; cat /tmp/x",
            "rm: '/etc' is a directory\ncat: can't open '/tmp/x': No such file or directory\n",
        ),
    ],
)
async def test_scripts(script: str, out: str) -> None:
    assert (await run(script))[1] == out


async def test_keys_are_echoed_and_edited() -> None:
    # GIVEN someone who types with mistakes: backspace, a word taken back, a line given up
    terminal = Typed(b"ecko\x7f\x7fho ", b"wrong\x17right\r", b"rubbish\x03", b"exit 4\r")
    # WHEN the shell reads it
    code = await shell(terminal, "bash", tty=True).interact()
    # THEN what was meant was run
    text = terminal.out.decode()
    assert "\r\nright\r\n" in text
    assert "^C\r\n" in text
    assert code == 4


async def test_the_arrow_brings_back_the_last_line() -> None:
    terminal = Typed(b"echo again\r", b"\x1b[A\r", b"\x04")
    await shell(terminal, "bash", tty=True).interact()
    assert terminal.out.decode().count("\r\nagain\r\n") == 2


async def test_wide_characters_are_taken_back_whole() -> None:
    terminal = Typed("echo ü".encode() + b"\x7fx\r", b"\x04")
    await shell(terminal, "sh", tty=True).interact()
    assert "\r\nx\r\n" in terminal.out.decode()


async def test_the_end_of_input_ends_it() -> None:
    assert await shell(Typed(b"false\n")).interact() == 1


async def test_sleep_is_interrupted() -> None:
    terminal = Typed(b"\x03")
    sh = shell(terminal, tty=True)
    await sh.script("sleep 3600")
    assert sh.code == 130
