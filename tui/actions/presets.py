"""Keymaps that come with dnet-tui, as what they change of the default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

#: Keys, as people write them, by action id or family, by preset name. ``k9s`` is the default.
PRESETS: Mapping[str, Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "k9s": MappingProxyType({}),
        "lazydocker": MappingProxyType(
            {
                "shell": ("E", "x"),
                "service.edit": ("e",),
                "node.edit": ("e",),
                "logs": ("m", "l"),
                "quit": ("q", "^q"),
                "pane.next": ("tab", "right"),
                "pane.previous": ("shift+tab", "left"),
                "move.right": (">",),
                "move.left": ("<",),
            }
        ),
    }
)
