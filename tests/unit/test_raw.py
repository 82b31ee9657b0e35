"""YAML and JSON of one object, and what values mean."""

from __future__ import annotations

import json

import pytest
import yaml

from backends.api import Json
from backends.model import EMPTY, Network, Snapshot
from tui.details.raw import render
from tui.text.span import plain

DOCUMENT: Json = {
    "ID": "w7m2q0x9c4t1",
    "CreatedAt": "1970-01-01T00:00:00.118Z",
    "Spec": {
        "Labels": {"a: b": "[x]", "esc": "\x1b]0;t\x07"},
        "Healthcheck": {"Interval": 10000000000, "Test": ["CMD", "true"]},
        "Limits": {"NanoCPUs": 500000000, "MemoryBytes": 268435456},
        "Networks": [{"Target": "k3w9q1x7mz0vbn2ck3w9q1x7m"}],
        "Empty": {},
        "On": True,
    },
}


def test_meanings_stand_behind_values_and_are_not_part_of_the_text() -> None:
    # GIVEN a document with times, lengths, sizes and the id of a network that is known
    network = Network(id="k3w9q1x7mz0vbn2ck3w9q1x7m", name="shop_backend")
    snapshot = Snapshot(networks={network.id: network})
    # WHEN it is rendered two minutes later
    raw = render(DOCUMENT, snapshot, 120.2)
    faint = {plain(line).split()[0]: text.strip() for line in raw.lines for text, style in line if style == "faint"}
    # THEN each value is explained, and the text is nothing but the document
    assert faint["CreatedAt:"] == "2 min ago"
    assert faint["Interval:"] == "10 s"
    assert faint["NanoCPUs:"] == "0.5 cpu"
    assert faint["MemoryBytes:"] == "256 MiB"
    assert "shop_backend" in faint.values()
    assert yaml.safe_load(raw.text) == DOCUMENT


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_every_line_of_the_text_is_a_line_of_the_picture(form: str) -> None:
    raw = render(DOCUMENT, EMPTY, 0.0, form=form)
    rows = raw.text.rstrip("\n").split("\n")
    assert len(rows) == len(raw.lines)
    for row, line in zip(rows, raw.lines, strict=True):
        assert plain(line).startswith(row)


def test_json_stays_json() -> None:
    assert json.loads(render(DOCUMENT, EMPTY, 0.0, form="json").text) == DOCUMENT
