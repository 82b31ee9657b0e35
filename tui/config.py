"""The user's configuration: ``$XDG_CONFIG_HOME/dnet-tui/config.toml``, then ``DNET_TUI_*`` variables.

Nothing in it can keep dnet-tui from starting: what is wrong is left at its default and said.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from tui.actions.keys import parse_key
from tui.actions.near import nearest
from tui.actions.presets import PRESETS

Theme = Literal["auto", "dark", "light", "ansi"]
Color = Literal["auto", "truecolor", "256", "16", "none"]
Switch = Literal["auto", "yes", "no"]
Mark = Literal["", "production", "staging"]

if TYPE_CHECKING:
    from backends.ssh.target import NodeMapping

THEMES: tuple[Theme, ...] = ("auto", "dark", "light", "ansi")
COLORS: tuple[Color, ...] = ("auto", "truecolor", "256", "16", "none")
SWITCHES: tuple[Switch, ...] = ("auto", "yes", "no")
MARKS: tuple[Mark, ...] = ("", "production", "staging")
#: Frames a second: at most, and at least.
FPS = (1, 30)
_HOP = re.compile(r"(?:[^@\s]+@)?(?:\[[^\]\s]+\]|[^:@\s\[\]-][^:@\s\[\]]*)(?::(\d{1,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextConfig:
    """How one docker context is marked."""

    mark: Mark = ""
    readonly: bool = False
    label: str = ""
    """Shown instead of the context's name; empty shows the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConfig:
    """How one node is reached over SSH."""

    host: str = ""
    user: str = ""
    port: int = 0
    """0 is what SSH's own configuration says, else 22."""
    jump: str = ""
    """``[user@]host[:port]``, several with commas, as ``ssh -J`` takes them."""
    key: str = ""
    """Path of the private key, ``~`` allowed; no other is tried then."""
    socket: str = ""
    """Path of the engine's socket there; empty is the usual one."""
    sudo: bool | None = None
    """Whether ``sudo -n docker`` may be tried there; left out, ``ssh_sudo`` decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings, with their defaults."""

    theme: Theme = "auto"
    color: Color = "auto"
    ascii: Switch = "auto"
    mouse: bool = True
    readonly: bool = False
    slow_link: bool = False
    """Two frames a second instead of ten. How fast a link is cannot be seen from here, so it has to be said."""
    fps: int = 10
    keymap: str = "k9s"
    """Name of a preset."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys as written, by action id or family."""
    ssh: bool = True
    """Whether the engines of other nodes are reached over SSH; without it they are left alone."""
    ssh_sudo: bool = False
    """Whether ``sudo -n docker`` may be tried on nodes whose user may not open the engine's socket."""
    contexts: Mapping[str, ContextConfig] = field(default_factory=dict)
    nodes: Mapping[str, NodeConfig] = field(default_factory=dict)
    """By host name or ID of the node."""

    def mappings(self) -> dict[str, NodeMapping]:
        """What it says about reaching nodes, by host name, ID or pattern."""
        from backends.ssh.target import NodeMapping

        return {
            name: NodeMapping(
                host=node.host,
                user=node.user,
                port=node.port,
                jump=node.jump or None,
                key=node.key,
                socket=node.socket,
                sudo=node.sudo,
            )
            for name, node in self.nodes.items()
        }

    def context(self, name: str) -> ContextConfig:
        """The marks of a context; a context that is not named has none."""
        return self.contexts.get(name, ContextConfig())


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; the default was used there."""

    where: str
    """``config.toml: contexts.prod-eu.mark``, or the variable's name."""
    text: str
    """One sentence with what would be right."""

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


def config_path(environ: Mapping[str, str]) -> Path:
    """``DNET_TUI_CONFIG``, else ``$XDG_CONFIG_HOME/dnet-tui/config.toml``, by default below ``~/.config``."""
    if given := environ.get("DNET_TUI_CONFIG"):
        return Path(given)
    folder = environ.get("XDG_CONFIG_HOME", "")
    base = Path(folder) if folder.startswith("/") else Path(environ.get("HOME", "/"), ".config")
    return base / "dnet-tui" / "config.toml"


def load(path: Path, environ: Mapping[str, str]) -> tuple[Config, tuple[Problem, ...]]:
    """The configuration of a file, variables laid over it. A file that is not there is an empty one."""
    problems: list[Problem] = []
    table: dict[str, Any] = {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if environ.get("DNET_TUI_CONFIG"):
            problems.append(Problem("DNET_TUI_CONFIG", f"There is no file {path}."))
    except OSError as error:
        problems.append(Problem(str(path), f"It cannot be read: {error.strerror or error}."))
    except UnicodeDecodeError:
        problems.append(Problem(str(path), "It is not UTF-8 text."))
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(str(path), f"It is not TOML: {error}. Nothing of it is used."))
    config = _Reader(path.name, problems).config(table)
    return _with_environment(config, environ, problems), tuple(problems)


class _Reader:
    """Turns a TOML table into a configuration, noting what does not fit."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self._file = file
        self._problems = problems

    def config(self, table: Mapping[str, Any]) -> Config:
        known = {
            "theme": self._one_of(THEMES),
            "color": self._one_of(COLORS),
            "ascii": self._switch,
            "mouse": self._bool,
            "readonly": self._bool,
            "slow_link": self._bool,
            "fps": self._number(*FPS),
            "keymap": self._one_of(tuple(PRESETS)),
            "keys": self._keys,
            "ssh": self._bool,
            "ssh_sudo": self._bool,
            "contexts": self._named(self._context),
            "nodes": self._named(self._node),
        }
        return Config(**self._read(table, "", known))

    def _context(self, table: Mapping[str, Any], at: str) -> ContextConfig:
        known = {"mark": self._one_of(MARKS), "readonly": self._bool, "label": self._text}
        return ContextConfig(**self._read(table, at, known))

    def _node(self, table: Mapping[str, Any], at: str) -> NodeConfig:
        known = {"host": self._word, "user": self._word, "port": self._number(1, 65535), "jump": self._jump}
        known |= {"key": self._text, "socket": self._text, "sudo": self._bool}
        return NodeConfig(**self._read(table, at, known))

    def _read(
        self, table: Mapping[str, Any], at: str, known: Mapping[str, Callable[[Any, str], Any]]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, value in table.items():
            where = f"{at}.{name}" if at else name
            reader = known.get(name)
            if reader is None:
                self._note(where, f"There is no such setting; there are {', '.join(known)}.{nearest(name, known)}")
                continue
            try:
                values[name] = reader(value, where)
            except ValueError as error:
                self._note(where, str(error))
        return values

    def _note(self, where: str, text: str) -> None:
        self._problems.append(Problem(f"{self._file}: {where}", text))

    def _named(self, read: Callable[[Mapping[str, Any], str], Any]) -> Callable[[Any, str], dict[str, Any]]:
        def reader(value: Any, at: str) -> dict[str, Any]:
            found = {}
            for name, inner in _table(value, f"[{at}.NAME]").items():
                where = f"{at}.{name}"
                try:
                    found[name] = read(_table(inner, f"[{where}]"), where)
                except ValueError as error:
                    self._note(where, str(error))
            return found

        return reader

    def _keys(self, value: Any, at: str) -> dict[str, tuple[str, ...]]:
        found = {}
        for name, written in _flat(_table(value, "[keys]")):
            keys = [written] if isinstance(written, str) else written
            if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
                self._note(f"{at}.{name}", 'It takes a key or a list of keys, such as "x" or ["x", "^x"].')
                continue
            try:
                for key in keys:
                    parse_key(key)
            except ValueError as error:
                self._note(f"{at}.{name}", f"{error}.")
                continue
            found[name] = tuple(keys)
        return found

    @staticmethod
    def _one_of(choice: tuple[str, ...]) -> Callable[[Any, str], str]:
        def reader(value: Any, _at: str) -> str:
            if not isinstance(value, str) or value not in choice:
                listed = ", ".join(f'"{word}"' for word in choice)
                near = nearest(value, choice) if isinstance(value, str) else ""
                raise ValueError(f"It takes one of {listed}, not {_shown(value)}.{near}")
            return value

        return reader

    @staticmethod
    def _switch(value: Any, _at: str) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if value in SWITCHES:
            return cast(str, value)
        raise ValueError(f'It takes true, false or "auto", not {_shown(value)}.')

    @staticmethod
    def _bool(value: Any, _at: str) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"It takes true or false, not {_shown(value)}.")
        return value

    @staticmethod
    def _number(low: int, high: int) -> Callable[[Any, str], int]:
        def reader(value: Any, _at: str) -> int:
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise ValueError(f"It takes a number from {low} to {high}, not {_shown(value)}.")
            return value

        return reader

    @staticmethod
    def _text(value: Any, _at: str) -> str:
        if not isinstance(value, str) or not value.isprintable():
            raise ValueError(f"It takes a text on one line, not {_shown(value)}.")
        return value

    @staticmethod
    def _word(value: Any, _at: str) -> str:
        # What begins with a dash would be read as an option by ssh.
        if not isinstance(value, str) or not value or value[0] == "-" or any(not 32 < ord(c) != 127 for c in value):
            raise ValueError(f"It takes one word, not {_shown(value)}.")
        return value

    def _jump(self, value: Any, at: str) -> str:
        text = self._word(value, at)
        for hop in text.split(","):
            found = _HOP.fullmatch(hop)
            if found is None or not 0 < int(found[1] or 22) < 65536:
                raise ValueError(f'It takes hosts like "user@gate:2222", several with commas, not {_shown(value)}.')
        return text


def _with_environment(config: Config, environ: Mapping[str, str], problems: list[Problem]) -> Config:
    """``DNET_TUI_THEME``, ``_COLOR``, ``_ASCII``, ``_KEYMAP``, ``_READONLY``, ``_SLOW_LINK``, ``_MOUSE``, ``_SSH``,
    ``_FPS``."""
    table: dict[str, Any] = {}
    for name in ("theme", "color", "keymap"):
        if given := environ.get(f"DNET_TUI_{name.upper()}"):
            table[name] = given
    for name in ("ascii", "slow_link", "readonly", "mouse", "ssh"):
        if given := environ.get(f"DNET_TUI_{name.upper()}"):
            table[name] = _BOOLS.get(given.lower(), given)
    if given := environ.get("DNET_TUI_FPS"):
        table["fps"] = int(given) if given.isascii() and given.isdigit() else given
    mine: list[Problem] = []
    over = _Reader("", mine).config(table)
    wrong = {problem.where.removeprefix(": ") for problem in mine}
    problems += [Problem(f"DNET_TUI_{problem.where.removeprefix(': ').upper()}", problem.text) for problem in mine]
    return replace(config, **{name: getattr(over, name) for name in table if name not in wrong})


_BOOLS = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}


def _table(value: Any, heading: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"It is a table: write {heading}.")
    return value


def _flat(table: Mapping[str, Any], at: str = "") -> list[tuple[str, Any]]:
    """TOML reads ``open.service = "x"`` as a table in a table; both ways of writing name the same action."""
    rows: list[tuple[str, Any]] = []
    for name, value in table.items():
        whole = f"{at}.{name}" if at else name
        rows += _flat(value, whole) if isinstance(value, dict) else [(whole, value)]
    return rows


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
