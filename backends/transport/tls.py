"""An engine behind TCP, with or without TLS, relayed to a private unix socket."""

from __future__ import annotations

import asyncio
import socket
import ssl

from backends.contexts import EndpointSpec, TlsMaterial
from backends.errors import BackendError, PermissionRefused, TimedOut, Unreachable
from backends.transport.base import PrivateDirectory
from backends.transport.pipe import PlainPipe, TcpPipe, TlsPipe, relay

_CONNECT_LIMIT = 10.0
_PING = b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"


class TcpTransport:
    """Listens on a socket in a 0700 folder; each client gets a TCP connection of its own."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._directory: PrivateDirectory | None = None
        self._server: asyncio.Server | None = None
        self._context: ssl.SSLContext | None = None
        self._clients: set[asyncio.Task[None]] = set()

    @property
    def endpoint(self) -> str:
        """``tcp://host:port``"""
        return self._spec.url

    async def open(self) -> str:
        """Probes the engine, then relays. Raises ``Unreachable``, ``PermissionRefused`` or ``TimedOut``."""
        if self._spec.tls is not None:
            self._context = ssl_context(self._spec.tls, self._spec.url)
        await self._probe()
        if self._server is None or self._directory is None:
            self._directory = PrivateDirectory()
            path = self._directory.socket("engine.sock")
            self._server = await asyncio.start_unix_server(self._serve, path)
        return self._directory.socket("engine.sock")

    async def close(self) -> None:
        """Drops all connections and removes the socket."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._clients:
            task.cancel()
        if self._clients:
            await asyncio.wait(self._clients, timeout=1.0)
        if self._directory is not None:
            self._directory.remove()
            self._directory = None

    async def _connect(self) -> TcpPipe:
        reader, writer = await asyncio.open_connection(self._spec.host, self._spec.port)
        connection = writer.get_extra_info("socket")
        # A machine that vanished without a word would leave an event stream waiting for ever.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, seconds in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 3), ("TCP_KEEPCNT", 3)):
            if hasattr(socket, option):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), seconds)
        if self._context is None:
            return PlainPipe(reader, writer)
        pipe = TlsPipe(reader, writer, self._context, self._spec.host)
        try:
            await pipe.handshake()
        except BaseException:
            pipe.close()
            raise
        return pipe

    async def _probe(self) -> None:
        """One ping: with TLS 1.3 a server refuses our certificate only after the handshake."""
        connected = False
        try:
            async with asyncio.timeout(_CONNECT_LIMIT):
                pipe = await self._connect()
                connected = True
                try:
                    await pipe.write(_PING)
                    answer = await pipe.read()
                finally:
                    pipe.close()
        except (OSError, ssl.SSLError, TimeoutError) as error:
            if connected and self._context is not None and isinstance(error, ConnectionError):
                # The alert that says so may be lost, since the server closes with our ping unread.
                raise refused_certificate(self._spec, "it closed the connection after the handshake") from error
            raise explain(self._spec, error) from error
        if b"HTTP request to an HTTPS server" in answer:
            raise Unreachable(
                f"The engine at {self._spec.url} speaks only TLS.",
                hint="Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use a context with certificates.",
            )
        if not answer.startswith(b"HTTP/"):
            raise Unreachable(
                f"What answers at {self._spec.url} is no Docker engine."
                if answer
                else f"{self._spec.url} takes connections and closes them without an answer.",
                hint="Check host and port, and whether the engine there wants TLS.",
                original=answer[:200].decode(errors="replace"),
            )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        client = PlainPipe(reader, writer)
        try:
            async with asyncio.timeout(_CONNECT_LIMIT):
                server = await self._connect()
            try:
                await relay(client, server)
            finally:
                server.close()
        except (OSError, ssl.SSLError, TimeoutError, asyncio.CancelledError):
            pass  # the client sees its connection end and asks open() for the reason
        finally:
            client.close()
            self._clients.discard(task)


def ssl_context(material: TlsMaterial, url: str) -> ssl.SSLContext:
    """The TLS settings of an endpoint. Raises ``Unreachable`` where a file of it cannot be used."""
    try:
        if material.skip_verify:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            context = ssl.create_default_context(cafile=material.ca)
            # Python 3.13 became strict about extensions that certificates made by Docker's own guide lack.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if material.cert is not None and material.key is not None:
            # An encrypted key would make OpenSSL ask at the terminal, over the screen.
            context.load_cert_chain(material.cert, material.key, password=lambda: b"")
    except (OSError, ssl.SSLError) as error:
        names = ", ".join(str(p) for p in (material.ca, material.cert, material.key) if p is not None)
        raise Unreachable(
            f"The certificates for {url} cannot be used: {_reason(error)}.",
            hint=f"Files: {names}.",
            original=str(error),
        ) from error
    return context


def _reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def refused_certificate(spec: EndpointSpec, reason: str, original: str = "") -> PermissionRefused:
    """The error of an engine that wants another certificate of ours, or one at all."""
    given = spec.tls is not None and spec.tls.cert is not None
    return PermissionRefused(
        f"The engine at {spec.url} {'refuses our certificate' if given else 'wants a certificate of ours'}: {reason}.",
        hint="It wants cert.pem and key.pem that its own CA signed.",
        original=original,
    )


def explain(spec: EndpointSpec, error: BaseException) -> BackendError:
    """Turns a failed connection into one sentence."""
    url, original = spec.url, str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(
            f"The certificate of {url} is not trusted: {error.verify_message or _reason(error)}.",
            hint=f"It must be signed by {spec.tls.ca}." if spec.tls and spec.tls.ca else "No ca.pem was found.",
            original=original,
        )
    if isinstance(error, ssl.SSLError):
        reason = error.reason or ""
        if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE"):
            return Unreachable(
                f"{url} answers, but not with TLS.",
                hint="Unset DOCKER_TLS_VERIFY, or give the TLS port (2376).",
                original=original,
            )
        if "CERTIFICATE" in reason or "UNKNOWN_CA" in reason:
            return refused_certificate(spec, _reason(error), original)
        return Unreachable(f"TLS with {url} fails: {_reason(error)}.", original=original)
    if isinstance(error, TimeoutError):
        return TimedOut(
            f"{url} does not answer.", hint="Check the address, and firewalls on the way.", original=original
        )
    if isinstance(error, socket.gaierror):
        return Unreachable(f"The host name {spec.host} cannot be resolved.", original=original)
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(
            f"{url} refuses connections.", hint="Does the engine listen there (dockerd -H tcp://…)?", original=original
        )
    if isinstance(error, ConnectionResetError):
        return Unreachable(f"{url} closes the connection at once.", original=original)
    return Unreachable(f"{url} cannot be reached: {_reason(error)}.", original=original)
