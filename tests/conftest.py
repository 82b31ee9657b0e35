"""Fixtures for all tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.lab.fixtures"]


def pytest_configure() -> None:
    """Nothing depends on how busy the machine is, or on who started us. A signal that those had ignored (``nohup``, or
    ``&`` in a script) goes on doing nothing here, but by a handler: programs that tests start would inherit its being
    ignored, and not hear of ctrl+c, for one."""
    # How long an example takes says how busy the machine is.
    settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any-machine")
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The lab's own tests come first: they want it as it was made, and later ones cut its links and kill engines."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/lab/"))


@pytest.fixture(autouse=True)
def _private_folders(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test reads or writes the user's own configuration, state or docker contexts. Outside the lab nobody is
    dialled: the nodes of simulated Swarms have addresses that may be somebody's."""
    home: Path = tmp_path_factory.mktemp("home")
    for variable, folder in (
        ("HOME", home),
        ("XDG_CONFIG_HOME", home / "config"),
        ("XDG_STATE_HOME", home / "state"),
        ("XDG_RUNTIME_DIR", home / "run"),
    ):
        monkeypatch.setenv(variable, str(folder))
    for variable in [name for name in os.environ if name.startswith(("DOCKER_", "DNET_TUI_"))]:
        monkeypatch.delenv(variable)
    for variable in ("NO_COLOR", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(variable, raising=False)
    if request.node.get_closest_marker("lab") is None:
        monkeypatch.setenv("DNET_TUI_SSH", "no")
