"""Whether the engine we are started on is on this very machine."""

from __future__ import annotations

from backends.model import EngineInfo


def elsewhere(endpoint: str, engine: EngineInfo | None, host: str) -> str:
    """Why an engine is not on this machine, whose name is ``host``; empty where it is, or where it is not connected
    yet. A socket may be led here from another machine (``ssh -L``), or into a container: the engine's own name tells.
    """
    if not endpoint.startswith("unix:"):
        return "reached over the network, not over SSH"
    name = engine.name if engine is not None else ""
    if name and host and name.partition(".")[0] != host.partition(".")[0]:
        return f"its socket is here, on {host}, and it is not"
    return ""
