"""The whole engine contract once more over SSH: on a forwarded socket and through ``docker system dial-stdio``."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from backends.engine.client import SdkEngine
from backends.ssh import dial
from backends.ssh.engine import WayFinder
from backends.ssh.pool import Pool
from backends.ssh.resolve import Resolution
from backends.ssh.target import Target as Login
from backends.transport.ssh import SshTransport
from tests.contract import test_engine_contract, test_engine_contract_exec, test_engine_contract_streams
from tests.contract.conftest import Target, simulated
from tests.lab.ssh import login, sockets_in
from tests.unit.ssh_double import Rules, dial_stdio, ssh_host

for _module in (test_engine_contract, test_engine_contract_exec, test_engine_contract_streams):
    globals().update({name: test for name, test in vars(_module).items() if name.startswith("test_")})

WAYS: Sequence[object] = [
    "fake forwarded",
    "fake dial-stdio",
    pytest.param("lab forwarded", marks=pytest.mark.lab),
    pytest.param("lab dial-stdio", marks=pytest.mark.lab),
]


@pytest.fixture(params=WAYS)
async def target(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Target]:
    """The engines of the contract, reached over SSH."""
    kind, way = request.param.split()
    async with contextlib.AsyncExitStack() as stack:
        if kind == "lab":
            lab = request.getfixturevalue("lab")
            monkeypatch.setattr(dial, "make_socket", sockets_in(lab.manager.pid))
            where = await login(lab, lab.manager.name)
            if way == "dial-stdio":
                monkeypatch.setattr(WayFinder, "_opens", _never)
        else:
            where = await stack.enter_async_context(_served(tmp_path, forwarded=way == "forwarded"))
        pool = Pool()
        stack.push_async_callback(pool.close)

        async def resolve() -> Resolution:
            return Resolution((where,))

        transport = SshTransport(resolve, pool, endpoint=f"ssh://{where}")
        engine = SdkEngine(transport)
        stack.push_async_callback(engine.aclose)
        await engine.connect()
        assert transport.how == ("ssh" if way == "forwarded" else "ssh, dial-stdio")
        yield Target(engine, kind == "lab")


@contextlib.asynccontextmanager
async def _served(folder: Path, *, forwarded: bool) -> AsyncIterator[Login]:
    """The simulated engine on a machine of its own."""
    async with simulated() as socket_path:
        rules = Rules(open_door=True)
        if forwarded:
            rules.sockets["/var/run/docker.sock"] = socket_path
        else:
            rules.commands["docker system dial-stdio"] = dial_stdio(socket_path)
        async with ssh_host(rules) as host:
            host.known(folder)
            yield host.target(folder)


async def _never(self: WayFinder, path: str) -> bool:
    return False
