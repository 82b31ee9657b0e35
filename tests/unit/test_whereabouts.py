"""Whether an engine is on this machine."""

from __future__ import annotations

import pytest

from backends.model import EngineInfo
from backends.whereabouts import elsewhere


@pytest.mark.parametrize(
    ("endpoint", "name", "why"),
    [
        ("unix:///var/run/docker.sock", "box", ""),
        ("unix:///var/run/docker.sock", "box.example.org", ""),
        ("unix:///var/run/docker.sock", "", ""),
        ("unix:///tmp/led-here.sock", "manager", "its socket is here, on box, and it is not"),
        ("tcp://manager:2376", "manager", "reached over the network, not over SSH"),
        ("ssh://root@manager", "box", "reached over the network, not over SSH"),
    ],
)
def test_an_engine_is_here_where_its_socket_and_its_name_are(endpoint: str, name: str, why: str) -> None:
    assert elsewhere(endpoint, EngineInfo(id="e", name=name), "box") == why


def test_one_that_has_not_answered_yet_is_taken_for_what_its_socket_says() -> None:
    assert elsewhere("unix:///var/run/docker.sock", None, "box") == ""
