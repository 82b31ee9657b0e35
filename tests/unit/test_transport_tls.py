"""TCP and TLS relayed to a private unix socket."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backends.api import Transport
from backends.contexts import EndpointSpec, TlsMaterial
from backends.errors import PermissionRefused, TimedOut, Unreachable
from backends.transport import tls, transport_for

PONG = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK"


class Authority:
    """A certificate authority in a folder: ``ca.pem``, and ``<name>.pem`` with ``<name>-key.pem``."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self._name, self._key.public_key()).add_extension(x509.BasicConstraints(True, 0), True)
        self.ca = folder / f"{name}.pem"
        self.ca.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, address: str = "127.0.0.1") -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        certificate = self._builder(subject, key.public_key()).add_extension(alternative, False)
        cert_path, key_path = self.folder / f"{name}.pem", self.folder / f"{name}-key.pem"
        cert_path.write_bytes(certificate.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        key_path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return cert_path, key_path

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )


class TcpDouble:
    """Accepts on a port and serves each connection on a thread: blocking sockets can close one direction of TLS."""

    def __init__(self, serve: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> None:
        self._serve, self._context = serve, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                self._serve(connection)


def engine(connection: socket.socket) -> None:
    """Answers a ping; anything else it takes until the input is closed, and then sends back, with a farewell."""
    data = connection.recv(65536)
    if data.startswith(b"GET /_ping"):
        connection.sendall(PONG)
        if isinstance(connection, ssl.SSLSocket):
            connection.unwrap()
        return
    while more := connection.recv(65536):
        data += more
    connection.sendall(data + b"|bye")
    if isinstance(connection, ssl.SSLSocket):
        connection.unwrap()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("ca"), "ca")
    made.issue("server")
    made.issue("client")
    return made


@pytest.fixture
def servers() -> Iterator[list[TcpDouble]]:
    started: list[TcpDouble] = []
    yield started
    for server in started:
        server.close()


def server_context(authority: Authority, *, client_needed: bool = True) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.folder / "server.pem", authority.folder / "server-key.pem")
    if client_needed:
        context.load_verify_locations(authority.ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def material(authority: Authority, *, client: bool = True) -> TlsMaterial:
    folder = authority.folder
    cert, key = (folder / "client.pem", folder / "client-key.pem") if client else (None, None)
    return TlsMaterial(authority.ca, cert, key)


@contextlib.asynccontextmanager
async def opened(port: int, found: TlsMaterial | None) -> AsyncIterator[tuple[Transport, str]]:
    transport = transport_for(EndpointSpec(f"tcp://127.0.0.1:{port}", tls=found))
    try:
        yield transport, await transport.open()
    finally:
        await transport.close()


@pytest.mark.parametrize("encrypted", [False, True])
async def test_half_close_passes_both_ways(authority: Authority, servers: list[TcpDouble], encrypted: bool) -> None:
    # GIVEN an engine that answers only after its input was closed
    servers.append(TcpDouble(engine, server_context(authority) if encrypted else None))
    async with opened(servers[0].port, material(authority) if encrypted else None) as (_, path):
        # WHEN a client sends a lot and closes its direction
        reader, writer = await asyncio.open_unix_connection(path)
        sent = b"x" * 300_000
        writer.write(sent)
        writer.write_eof()
        # THEN it gets everything back, and then the end
        async with asyncio.timeout(60):
            assert await reader.read() == sent + b"|bye"
        writer.close()


async def test_the_socket_is_private_and_goes_with_the_transport(servers: list[TcpDouble]) -> None:
    servers.append(TcpDouble(engine))
    async with opened(servers[0].port, None) as (transport, path):
        assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
        assert len(path) <= 107
        assert await transport.open() == path
    assert not os.path.exists(os.path.dirname(path))


async def test_a_refused_port(servers: list[TcpDouble]) -> None:
    servers.append(TcpDouble(engine))
    servers[0].close()
    with pytest.raises(Unreachable, match="refuses connections"):
        async with opened(servers[0].port, None):
            pass


async def test_a_silent_port(servers: list[TcpDouble], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "_CONNECT_LIMIT", 0.2)

    def silent(connection: socket.socket) -> None:
        while connection.recv(1024):
            pass

    servers.append(TcpDouble(silent))
    with pytest.raises(TimedOut, match="does not answer"):
        async with opened(servers[0].port, None):
            pass


async def test_a_certificate_that_our_ca_did_not_sign(
    authority: Authority, servers: list[TcpDouble], tmp_path: Path
) -> None:
    other = Authority(tmp_path, "other")
    servers.append(TcpDouble(engine, server_context(authority)))
    with pytest.raises(Unreachable, match="is not trusted") as caught:
        async with opened(servers[0].port, TlsMaterial(other.ca)):
            pass
    assert str(other.ca) in caught.value.hint


async def test_verification_may_be_skipped(authority: Authority, servers: list[TcpDouble]) -> None:
    servers.append(TcpDouble(engine, server_context(authority, client_needed=False)))
    async with opened(servers[0].port, TlsMaterial(skip_verify=True)) as (_, path):
        assert path


async def test_an_engine_that_wants_a_certificate_of_ours(authority: Authority, servers: list[TcpDouble]) -> None:
    servers.append(TcpDouble(engine, server_context(authority)))
    with pytest.raises(PermissionRefused, match="wants a certificate of ours"):
        async with opened(servers[0].port, material(authority, client=False)):
            pass


async def test_tls_to_a_port_without(authority: Authority, servers: list[TcpDouble]) -> None:
    servers.append(TcpDouble(lambda c: c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")))
    with pytest.raises(Unreachable, match="not with TLS"):
        async with opened(servers[0].port, material(authority)):
            pass


async def test_plain_to_a_port_with_tls(servers: list[TcpDouble]) -> None:
    def go_tls(connection: socket.socket) -> None:
        connection.recv(1024)
        connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")

    servers.append(TcpDouble(go_tls))
    with pytest.raises(Unreachable, match="speaks only TLS") as caught:
        async with opened(servers[0].port, None):
            pass
    assert "DOCKER_TLS_VERIFY" in caught.value.hint


async def test_something_else_answers(servers: list[TcpDouble]) -> None:
    servers.append(TcpDouble(lambda c: c.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")))
    with pytest.raises(Unreachable, match="no Docker engine"):
        async with opened(servers[0].port, None):
            pass


def test_broken_certificate_files(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("rubbish")
    with pytest.raises(Unreachable, match="certificates for tcp://h cannot be used"):
        tls.ssl_context(TlsMaterial(tmp_path / "ca.pem"), "tcp://h")


def test_an_unresolvable_name_is_one_sentence() -> None:
    error = tls.explain(EndpointSpec("tcp://nowhere:2375"), socket.gaierror(-2, "Name or service not known"))
    assert str(error) == "The host name nowhere cannot be resolved."
