"""Which engine is meant: flags, environment, docker contexts and the default socket, as one frozen value.

The order is that of the docker CLI: ``--host``, ``--context``, ``DOCKER_HOST``, ``DOCKER_CONTEXT``, the current
context of ``config.json``, the default socket. The layout of the context store (``contexts/meta/<sha256 of the
name>/meta.json``, ``contexts/tls/<same>/docker``) is that of docker/cli ``cli/context/store``.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from backends.errors import BadAddress

#: Where the engine listens unless it was told otherwise.
DEFAULT_SOCKET = "/var/run/docker.sock"
#: The context that the docker CLI makes up from the environment; it is not in the store.
DEFAULT_CONTEXT = "default"
_SCHEMES = ("unix", "tcp", "ssh")


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """Files for a TLS connection; ``skip_verify`` trusts any server."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    skip_verify: bool = False


@dataclass(frozen=True, slots=True)
class EndpointSpec:
    """Where an engine is, and who said so."""

    url: str
    """``unix:///path``, ``tcp://host:port`` or ``ssh://user@host:port``; always with a port for ``tcp``."""
    context: str = DEFAULT_CONTEXT
    """The docker context's name; ``default`` where none was used."""
    tls: TlsMaterial | None = None
    """Set where the connection is to be encrypted."""
    origin: str = "the default socket"
    """For people: ``--host``, ``context prod``, ``DOCKER_HOST``, ``the default socket``."""

    @property
    def scheme(self) -> str:
        """``unix``, ``tcp`` or ``ssh``."""
        return self.url.partition("://")[0]

    @property
    def path(self) -> str:
        """The socket's path; only for ``unix``."""
        return self.url.removeprefix("unix://")

    @property
    def host(self) -> str:
        """Host name or address, without brackets; only for ``tcp`` and ``ssh``."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int | None:
        """Port, where one was given; only for ``tcp`` and ``ssh``."""
        return urlsplit(self.url).port


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One line of the list of contexts. ``problem`` says why it cannot be used, or is empty."""

    name: str
    url: str = ""
    description: str = ""
    current: bool = False
    problem: str = ""


def resolve(host: str | None, context: str | None, env: Mapping[str, str], home: Path) -> EndpointSpec:
    """Finds the endpoint that a person means.

    ``host`` and ``context`` are the command line's, ``env`` the environment, ``home`` the home folder.
    Raises ``BadAddress`` with one sentence where the host makes no sense or the context cannot be read.
    """
    if host:
        return _from_host(host, "--host", env, home)
    if context:
        return _from_name(context, f"context {context}", env, home)
    if env.get("DOCKER_HOST"):
        return _from_host(env["DOCKER_HOST"], "DOCKER_HOST", env, home)
    if env.get("DOCKER_CONTEXT"):
        name = env["DOCKER_CONTEXT"]
        return _from_name(name, f"context {name} of DOCKER_CONTEXT", env, home)
    current = _current_context(env, home)
    return _from_name(current, f"context {current}", env, home)


def list_contexts(env: Mapping[str, str], home: Path) -> tuple[ContextEntry, ...]:
    """All docker contexts, ``default`` first and the rest by name; broken ones carry their ``problem``."""
    chosen = DEFAULT_CONTEXT if env.get("DOCKER_HOST") else env.get("DOCKER_CONTEXT") or _current_context(env, home)
    try:
        default = ContextEntry(
            DEFAULT_CONTEXT, _default(env, home).url, "The environment's engine", chosen == DEFAULT_CONTEXT
        )
    except BadAddress as error:
        default = ContextEntry(DEFAULT_CONTEXT, problem=str(error), current=chosen == DEFAULT_CONTEXT)
    entries = []
    meta = _config_dir(env, home) / "contexts" / "meta"
    for folder in sorted(meta.iterdir()) if meta.is_dir() else ():
        try:
            data = _read_meta(folder / "meta.json")
        except (OSError, ValueError):
            continue
        name = data.get("Name")
        if not isinstance(name, str) or not name or name == DEFAULT_CONTEXT:
            continue
        metadata = data.get("Metadata")
        description = metadata.get("Description", "") if isinstance(metadata, dict) else ""
        try:
            url, problem = _from_name(name, f"context {name}", env, home).url, ""
        except BadAddress as error:
            url, problem = "", str(error)
        entries.append(ContextEntry(name, url, str(description), name == chosen, problem))
    return (default, *sorted(entries, key=lambda entry: entry.name))


def parse_host(text: str, origin: str, *, tls: bool = False) -> str:
    """Normalises what people write for a host: scheme added, default port added (2376 with ``tls``, else 2375).

    Raises ``BadAddress`` with a sentence that names ``origin``.
    """
    text = text.strip()
    if text.startswith("/"):
        text = f"unix://{text}"
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "tcp", text
    scheme = {"http": "tcp", "https": "tcp"}.get(scheme.lower(), scheme.lower())
    if scheme not in _SCHEMES:
        raise BadAddress(
            f"{_of(origin)} names {text}, and dnet-tui speaks only unix, tcp and ssh.",
            hint="Write unix:///path, tcp://host:port or ssh://user@host.",
        )
    if scheme == "unix":
        return f"unix://{rest or DEFAULT_SOCKET}"
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        name, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress(f"{_of(origin)} names {text}, which is no address: {error}.") from error
    if not name or any(character.isspace() or not character.isprintable() for character in rest):
        raise BadAddress(f"{_of(origin)} names {text!r}, which has no host in it.")
    if scheme == "ssh":
        return f"ssh://{rest}"
    bracketed = f"[{name}]" if ":" in name else name
    return f"tcp://{bracketed}:{port if port is not None else (2376 if tls else 2375)}"


def _of(origin: str) -> str:
    return origin[:1].upper() + origin[1:] if origin.startswith(("context", "the")) else origin


def _config_dir(env: Mapping[str, str], home: Path) -> Path:
    return Path(env["DOCKER_CONFIG"]) if env.get("DOCKER_CONFIG") else home / ".docker"


def _current_context(env: Mapping[str, str], home: Path) -> str:
    """A broken config.json must not stop anyone who has an engine at the default socket."""
    try:
        data = json.loads((_config_dir(env, home) / "config.json").read_bytes())
    except (OSError, ValueError):
        return DEFAULT_CONTEXT
    name = data.get("currentContext") if isinstance(data, dict) else None
    return name if isinstance(name, str) and name else DEFAULT_CONTEXT


def _from_host(text: str, origin: str, env: Mapping[str, str], home: Path) -> EndpointSpec:
    tls = _tls_of_environment(text, env, home)
    url = parse_host(text, origin, tls=tls is not None)
    return EndpointSpec(url, DEFAULT_CONTEXT, tls if url.startswith("tcp://") else None, origin)


def _tls_of_environment(text: str, env: Mapping[str, str], home: Path) -> TlsMaterial | None:
    """As the docker CLI: any value of ``DOCKER_TLS_VERIFY`` verifies, ``DOCKER_TLS`` encrypts without."""
    verify, encrypt = bool(env.get("DOCKER_TLS_VERIFY")), bool(env.get("DOCKER_TLS"))
    if not verify and not encrypt and not text.startswith("https://"):
        return None
    folder = Path(env["DOCKER_CERT_PATH"]) if env.get("DOCKER_CERT_PATH") else _config_dir(env, home)
    return _material(folder, skip_verify=not verify and encrypt)


def _material(folder: Path, *, skip_verify: bool) -> TlsMaterial:
    ca, cert, key = (folder / name for name in ("ca.pem", "cert.pem", "key.pem"))
    return TlsMaterial(
        ca if ca.exists() else None,
        cert if cert.exists() else None,
        key if key.exists() else None,
        skip_verify,
    )


def _default(env: Mapping[str, str], home: Path) -> EndpointSpec:
    if env.get("DOCKER_HOST"):
        return _from_host(env["DOCKER_HOST"], "DOCKER_HOST", env, home)
    runtime = env.get("XDG_RUNTIME_DIR")
    if runtime and not os.path.lexists(DEFAULT_SOCKET):
        rootless = Path(runtime) / "docker.sock"
        if _is_socket(rootless):
            return EndpointSpec(f"unix://{rootless}", DEFAULT_CONTEXT, None, "the rootless engine's socket")
    return EndpointSpec(f"unix://{DEFAULT_SOCKET}")


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.stat().st_mode)
    except OSError:
        return False


def _from_name(name: str, origin: str, env: Mapping[str, str], home: Path) -> EndpointSpec:
    if name == DEFAULT_CONTEXT:
        return _default(env, home)
    store = _config_dir(env, home) / "contexts"
    digest = hashlib.sha256(name.encode()).hexdigest()
    try:
        data = _read_meta(store / "meta" / digest / "meta.json")
    except FileNotFoundError as error:
        known = ", ".join(_names(store)) or "none but default"
        raise BadAddress(
            f"There is no docker context {name!r}.", hint=f"Known contexts: {known}.", original=str(error)
        ) from error
    except (OSError, ValueError) as error:
        raise BadAddress(f"The docker context {name!r} cannot be read: {error}.") from error
    endpoints = data.get("Endpoints")
    endpoint = endpoints.get("docker") if isinstance(endpoints, dict) else None
    address = endpoint.get("Host") if isinstance(endpoint, dict) else None
    if not isinstance(endpoint, dict) or not isinstance(address, str) or not address:
        raise BadAddress(f"The docker context {name!r} names no Docker engine.")
    skip = endpoint.get("SkipTLSVerify") is True
    folder = store / "tls" / digest / "docker"
    tls = _material(folder, skip_verify=skip) if skip or folder.is_dir() else None
    url = parse_host(address, origin, tls=tls is not None)
    return EndpointSpec(url, name, tls if url.startswith("tcp://") else None, origin)


def _read_meta(path: Path) -> dict[str, object]:
    data = json.loads(path.read_bytes())
    if not isinstance(data, dict):
        raise ValueError("it is not a JSON object")
    return data


def _names(store: Path) -> list[str]:
    names = []
    for path in store.glob("meta/*/meta.json"):
        try:
            name = _read_meta(path).get("Name")
        except (OSError, ValueError):
            continue
        if isinstance(name, str):
            names.append(name)
    return sorted(names)
