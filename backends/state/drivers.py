"""What each network driver is for, in words: the one source of plans, completion, lists and forms."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: By name, as a sentence part that fits a row of a narrow list. The network of ``null`` is called none.
DRIVERS: Mapping[str, str] = MappingProxyType(
    {
        "bridge": "containers of one node talk together, behind its address",
        "overlay": "services and containers of all nodes talk together",
        "macvlan": "containers are on the LAN, each with a MAC of its own",
        "ipvlan": "containers are on the LAN with the MAC of their node",
        "host": "containers have the interfaces and ports of the node",
        "null": "containers have loopback and nothing else",
    }
)
_PLUGIN = "a plugin: what it does is in its own manual"


def purpose(driver: str) -> str:
    """What a driver is for, as a sentence part; of a plugin, where that is said."""
    return DRIVERS.get("null" if driver == "none" else driver, _PLUGIN)
