"""Image references as the docker CLI reads them (distribution/reference): names, tags, digests."""

from __future__ import annotations

import re

_DOMAIN = re.compile(
    r"(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
    r"|\[[0-9a-fA-F:]+\])(?::[0-9]+)?\Z"
)
_PATH = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*\Z")
_TAG = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}\Z")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}\Z")
_IDENTIFIER = re.compile(r"[a-f0-9]{64}\Z")


def reference_error(text: str) -> str:
    """Why a text is no image reference, in the CLI's words; empty where it is one."""
    name, _, _ = _split(text)
    domain, path = _domain(name)
    if _IDENTIFIER.match(text):
        return f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"
    if path.lower() != path:
        return "invalid reference format: repository name must be lowercase"
    _, tag, digest = _split(text)
    tagged = tag is None or _TAG.match(tag)
    if not (_DOMAIN.match(domain) and _PATH.match(path) and tagged and (digest is None or _DIGEST.match(digest))):
        return "invalid reference format"
    return "invalid reference format: repository name must not be more than 255 characters" if len(name) > 255 else ""


def with_tag(text: str) -> str:
    """The reference in its familiar form, ``:latest`` added where it has neither tag nor digest; one that cannot
    be read stays as it is, for the engine to refuse."""
    if reference_error(text):
        return text
    name, tag, digest = _split(text)
    return _familiar(name) + (f":{tag}" if tag is not None else "" if digest else ":latest") + _at(digest)


def with_digest(text: str, digest: str) -> str:
    """The reference with a digest, unless it has one."""
    name, tag, own = _split(text)
    if reference_error(text) or own:
        return text
    return _familiar(name) + (f":{tag}" if tag is not None else "") + f"@{digest}"


def registry_of(text: str) -> str:
    """The registry an image comes from: ``docker.io`` where none is named."""
    return _domain(_split(text)[0])[0]


def _at(digest: str | None) -> str:
    return f"@{digest}" if digest else ""


def _split(text: str) -> tuple[str, str | None, str | None]:
    """(name, tag, digest)."""
    name, at, digest = text.partition("@")
    head, colon, tag = name.rpartition(":")
    if colon and "/" not in tag:
        return head, tag, digest if at else None
    return name, None, digest if at else None


def _domain(name: str) -> tuple[str, str]:
    """(registry, path) with Docker Hub's own rules put in."""
    first, slash, rest = name.partition("/")
    named = slash and ("." in first or ":" in first or first == "localhost" or first.lower() != first)
    domain, path = (first, rest) if named else ("docker.io", name)
    domain = "docker.io" if domain == "index.docker.io" else domain
    if domain == "docker.io" and "/" not in path:
        path = f"library/{path}"
    return domain, path


def _familiar(name: str) -> str:
    domain, path = _domain(name)
    return path.removeprefix("library/") if domain == "docker.io" else f"{domain}/{path}"
