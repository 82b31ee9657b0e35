"""The mappings of nodes in the configuration file: read from it, written back with its comments kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backends.ssh.target import NodeMapping


class ConfigRefused(Exception):
    """The file cannot be read or written; the message is a sentence."""


class NodeMappings:
    """What the configuration says about reaching nodes, as long as the program runs."""

    def __init__(self, path: Path, mappings: Mapping[str, NodeMapping]) -> None:
        self.path = path
        self._mappings = dict(mappings)

    def all(self) -> dict[str, NodeMapping]:
        """By host name, ID or pattern."""
        return dict(self._mappings)

    def save(self, name: str, mapping: NodeMapping, values: Mapping[str, str | int | bool]) -> dict[str, NodeMapping]:
        """Writes one entry; without ``values`` it is taken out. Returns all mappings. Raises ``ConfigRefused``."""
        save_node(self.path, name, values)
        if values:
            self._mappings[name] = mapping
        else:
            self._mappings.pop(name, None)
        return self.all()


def save_node(path: Path, name: str, values: Mapping[str, str | int | bool]) -> None:
    """Writes ``[nodes."NAME"]`` into the file; all else in it stays as it is, comments and order too. The file is
    replaced whole, so that it is never half written. Raises ``ConfigRefused``."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError
    from tomlkit.items import Table

    real = path.resolve()
    try:
        document = tomlkit.parse(real.read_text(encoding="utf-8")) if real.exists() else tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise ConfigRefused(f"{path} is not TOML, so nothing is written into it: {error}.") from error
    except OSError as error:
        raise ConfigRefused(f"{path} cannot be read: {error.strerror}.") from error
    try:
        nodes = document.get("nodes")
        if nodes is None:
            nodes = document["nodes"] = tomlkit.table(is_super_table=True)
        found = nodes.get(name)
        if not values:
            if found is not None:
                nodes.remove(name)
        else:
            if not isinstance(found, Table):
                found = nodes[name] = tomlkit.table()
            for key in [key for key in found if key not in values]:
                found.remove(key)
            for key, value in values.items():
                if found.get(key) != value:
                    found[key] = value
        text = tomlkit.dumps(document)
        tomlkit.parse(text)
    except (TOMLKitError, TypeError, AttributeError) as error:
        raise ConfigRefused(f"[nodes] of {path} cannot be changed: {error}.") from error
    _replace(real, text, path)


def _replace(real: Path, text: str, shown: Path) -> None:
    """Writes beside the file and puts it in its place, with its mode; a new one is for its owner only."""
    try:
        real.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = real.stat().st_mode & 0o7777 if real.exists() else 0o600
        descriptor, made = tempfile.mkstemp(prefix=f".{real.name}-", dir=real.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(made, mode)
            os.replace(made, real)
        except BaseException:
            os.unlink(made)
            raise
    except OSError as error:
        raise ConfigRefused(f"{shown} cannot be written: {error.strerror}.") from error
