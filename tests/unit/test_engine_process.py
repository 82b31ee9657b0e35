"""What only a fresh interpreter shows: what is imported, and that it can end."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

#: Far more than ending takes, far less than the hour for which the engine would be waited for.
GENEROUS = 60

EXIT_WITH_A_STREAM = """
import asyncio, sys
from backends.contexts import EndpointSpec
from backends.engine.client import SdkEngine
from backends.engine.limits import Timeouts
from backends.model import Key, Kind
from backends.transport import transport_for

async def main():
    engine = SdkEngine(transport_for(EndpointSpec("unix://" + sys.argv[1])), timeouts=Timeouts(read=3600, stream=3600))
    await engine.connect()
    engine._node_id = "n1"
    asked = asyncio.create_task(engine.inspect(Key(Kind.NODE, "n1")))
    stream = engine.events()
    opening = asyncio.create_task(stream.__aenter__())
    while engine.budget.requests < 3:
        await asyncio.sleep(0.01)
    print("leaving", flush=True)
    # neither closed nor awaited, on purpose

asyncio.run(main())
"""


@pytest.fixture
def hanging_engine(tmp_path: Path) -> Iterator[str]:
    """Answers ``/version``, and nothing else ever."""
    path = str(tmp_path / "engine.sock")
    body = b'{"ApiVersion": "1.45"}'

    def serve(connection: socket.socket) -> None:
        data = connection.recv(65536)
        if b"/version" in data:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        held.append(connection)

    held: list[socket.socket] = []
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()

    def accept() -> None:
        try:
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        except OSError:
            pass

    threading.Thread(target=accept, daemon=True).start()
    yield path
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for connection in held:
        connection.close()


def test_nothing_keeps_the_interpreter_from_ending(hanging_engine: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EXIT_WITH_A_STREAM, hanging_engine],
        capture_output=True,
        text=True,
        timeout=GENEROUS,
        check=False,
    )
    assert done.stdout == "leaving\n"
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("imported", "forbidden"),
    [
        ("backends.engine.client", {"docker", "requests", "urllib3", "asyncssh", "textual", "rich"}),
        ("backends.engine.prefetch", {"docker", "requests", "urllib3", "asyncio", "http.client", "ssl", "msgspec"}),
        ("backends.engine.listings", {"docker", "requests", "asyncio", "msgspec", "ssl"}),
        ("backends.contexts", {"docker", "asyncio", "ssl", "msgspec"}),
        ("backends.transport.local", {"docker", "asyncssh"}),
    ],
)
def test_imports_stay_light(imported: str, forbidden: set[str]) -> None:
    code = f"import sys, {imported}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=GENEROUS, check=True)
    assert not forbidden & set(done.stdout.split())
