"""The local socket, and why it cannot be used."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.contexts import EndpointSpec
from backends.errors import PermissionRefused, TimedOut, Unreachable, Unsupported
from backends.transport import base, local, register, transport_for


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        yield path


def spec(path: Path | str) -> EndpointSpec:
    return EndpointSpec(f"unix://{path}")


async def test_a_listening_socket_is_used_as_it_is(listener: Path) -> None:
    transport = transport_for(spec(listener))
    assert await transport.open() == str(listener)
    assert transport.endpoint == f"unix://{listener}"
    await transport.close()


async def test_a_missing_socket(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"There is no socket .*missing") as caught:
        await transport_for(spec(tmp_path / "missing")).open()
    assert "Docker" in caught.value.hint


async def test_a_file_is_no_socket(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unreachable, match="is not a socket"):
        await transport_for(spec(tmp_path / "file")).open()


async def test_a_socket_that_nobody_listens_at(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "left"))
    with pytest.raises(Unreachable, match="Nothing listens at"):
        await transport_for(spec(tmp_path / "left")).open()


async def test_a_listener_that_takes_no_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_CONNECT_LIMIT", 0.2)
    path = str(tmp_path / "full")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(0)
        clients = []
        try:
            while True:
                client = socket.socket(socket.AF_UNIX)
                clients.append(client)
                client.setblocking(False)
                try:
                    client.connect(path)
                except BlockingIOError:
                    break
            with pytest.raises(TimedOut, match="does not take connections"):
                await transport_for(spec(path)).open()
        finally:
            for client in clients:
                client.close()


@pytest.mark.parametrize("name", ["x" * 90, "with space?and#more"])
async def test_an_awkward_path_is_reached_through_a_private_link(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"/proc/self/fd/{here}/engine.sock")
        server.listen()
        transport = transport_for(spec(folder / "engine.sock"))
        path = await transport.open()
        assert len(path) <= base.MAX_SOCKET_PATH
        assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
        await transport.close()
        assert not os.path.exists(os.path.dirname(path))
    os.close(here)


def as_user(monkeypatch: pytest.MonkeyPatch, groups: list[str], members: list[str]) -> None:
    monkeypatch.setattr(local, "_user", lambda: "alice")
    monkeypatch.setattr(local, "_groups", lambda: groups)
    monkeypatch.setattr(local, "_group_name", lambda gid: "docker")
    monkeypatch.setattr(local, "_members", lambda gid: members)


def test_permission_denied_names_owner_group_mode_and_the_way_in(
    listener: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_user(monkeypatch, ["alice", "sudo"], [])
    os.chmod(listener, 0o660)
    error = local.explain(str(listener), PermissionError(13, "Permission denied"))
    assert isinstance(error, PermissionRefused)
    assert "group docker, with mode 0660" in str(error)
    assert "groups alice, sudo" in error.hint
    assert "usermod -aG docker alice" in error.hint


def test_permission_denied_to_someone_who_joined_the_group_only_now(
    listener: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_user(monkeypatch, ["alice"], ["alice"])
    os.chmod(listener, 0o660)
    error = local.explain(str(listener), PermissionError(13, "Permission denied"))
    assert "log in again" in error.hint
    assert "usermod" not in error.hint


def test_permission_denied_where_the_group_may_not_write_either(
    listener: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_user(monkeypatch, ["alice"], [])
    os.chmod(listener, 0o600)
    error = local.explain(str(listener), PermissionError(13, "Permission denied"))
    assert "usermod" not in error.hint


def test_permission_denied_by_a_folder_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_user(monkeypatch, ["alice"], [])
    closed = tmp_path / "closed"
    monkeypatch.setattr(os, "access", lambda path, mode: path != str(closed))
    error = local.explain(str(closed / "engine.sock"), PermissionError(13, "Permission denied"))
    assert isinstance(error, PermissionRefused)
    assert f"may not enter {closed}" in str(error)


def test_a_scheme_without_a_transport_is_refused_in_words() -> None:
    with pytest.raises(Unsupported, match="needs a transport for odd"):
        transport_for(EndpointSpec("odd://host"))


def test_another_kind_of_transport_can_be_registered(monkeypatch: pytest.MonkeyPatch, listener: Path) -> None:
    monkeypatch.setattr(base, "_factories", {})
    register("odd", lambda found: local.LocalTransport(spec(listener)))
    assert transport_for(EndpointSpec("odd://host")).endpoint == f"unix://{listener}"
