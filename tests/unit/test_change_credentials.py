"""Registry credentials reach the engine as the docker CLI sends them, and only where they are asked for."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from backends.change.compile import compile_request
from backends.change.credentials import ANONYMOUS, registry_auth
from backends.change.line import parse_line
from backends.change.requests import Request
from backends.change.steps import Compiled
from backends.change.surroundings import Surroundings
from tests.unit.change_support import StandIn


def _auth(user: str, password: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def _opened(header: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(header)))


@pytest.fixture
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    auths = {"https://index.docker.io/v1/": _auth("hub", "p1"), "reg.example:5000": _auth("me", "p??>>2")}
    (tmp_path / "config.json").write_text(json.dumps({"auths": auths}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


@pytest.mark.usefixtures("_config")
@pytest.mark.parametrize(
    ("image", "user", "server"),
    [
        ("nginx", "hub", "https://index.docker.io/v1/"),
        ("docker.io/library/nginx:1", "hub", "https://index.docker.io/v1/"),
        ("reg.example:5000/shop/web:2", "me", "reg.example:5000"),
    ],
)
def test_each_registry_has_its_credentials(image: str, user: str, server: str) -> None:
    found = _opened(registry_auth(image))
    assert (found["username"], found["serveraddress"]) == (user, server)


@pytest.mark.usefixtures("_config")
def test_an_unknown_registry_is_asked_as_nobody() -> None:
    assert registry_auth("ghcr.io/x/y") == ANONYMOUS


def test_a_spoilt_configuration_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a configuration that cannot be read
    (tmp_path / "config.json").write_text("{not json")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    # THEN nobody is who we are
    assert registry_auth("nginx") == ANONYMOUS


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("service create --with-registry-auth reg.example/web", True),
        ("service create reg.example/web", False),
    ],
)
async def test_credentials_are_sent_where_they_are_asked_for(line: str, sent: bool) -> None:
    # WHEN a service is created of an image of a registry
    request = parse_line(line)
    assert isinstance(request, Request)
    asked: list[str] = []

    def credentials(image: str) -> str:
        asked.append(image)
        return "c2VjcmV0"

    compiled = await compile_request(request, StandIn(), Surroundings({}, credentials=credentials))
    # THEN they are in the header of the write if the line says so, and never in what is shown
    assert isinstance(compiled, Compiled)
    (write,) = compiled.writes
    headers = dict(write.headers or {})
    assert (headers.get("X-Registry-Auth") == "c2VjcmV0") is sent
    assert "c2VjcmV0" not in json.dumps(write.body)
    assert all("reg.example" in image for image in asked)
