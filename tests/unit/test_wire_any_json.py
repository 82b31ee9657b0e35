"""Whatever an engine answers, the wire gives model values or ``BadAnswer``, and nothing else happens."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.errors import BadAnswer
from backends.wire import container, decode, detail, engine, event, network, node, service_json, storage, swarm, task
from backends.wire.lenient import Wire


def _names() -> list[str]:
    """Every field that the wire knows, so that odd values land where they may hurt."""
    modules = (container, detail, engine, event, network, node, service_json, storage, swarm, task)
    structs = {c for m in modules for c in vars(m).values() if isinstance(c, type) and issubclass(c, Wire)}
    return sorted({f.encode_name for s in structs for f in msgspec.structs.fields(s)})


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
KEYS = st.sampled_from(_names()) | st.text(max_size=4)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=30
)
LISTINGS: dict[str, Any] = {
    "containers": lambda d: decode.containers(d, "n", 1.0),
    "services": decode.services,
    "tasks": decode.tasks,
    "nodes": decode.nodes,
    "networks": lambda d: decode.networks(d, "n"),
    "network": lambda d: [decode.network(d, "n")],
    "volumes": lambda d: decode.volumes(d, "n"),
    "images": lambda d: decode.images(d, "n"),
    "configs": decode.configs,
    "secrets": decode.secrets,
    "swarm": lambda d: [decode.swarm(d)],
    "info": lambda d: [decode.engine_info(d, d)],
    "events": lambda d: decode.events(d + b"\n", "n"),
    "detail": lambda d: [decode.container_detail(json.loads(d))],
}


@pytest.mark.parametrize("name", LISTINGS)
@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_any_json(name: str, value: Any) -> None:
    for shape in (value, [value], [{"Id": "x", "ID": "x", "Type": "x", "Name": "x", **_object(value)}]):
        try:
            result = LISTINGS[name](json.dumps(shape).encode())
        except BadAnswer:
            continue
        assert isinstance(result, list)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


@pytest.mark.parametrize("name", [n for n in LISTINGS if n != "detail"])
@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=40))
def test_any_bytes(name: str, data: bytes) -> None:
    try:
        assert isinstance(LISTINGS[name](data), list)
    except BadAnswer:
        pass
