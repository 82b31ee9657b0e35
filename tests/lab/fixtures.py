"""The ``lab`` fixture: one Swarm for the whole test session.

Tests that use it are marked ``@pytest.mark.lab``. Where it cannot run they are
skipped with the reason, or fail with it if ``DNET_LAB=require`` is set. With
``DNET_LAB_NAME`` a lab of that name is used, and left running if it ran before;
otherwise the session has one of its own.

``plain_lab`` is two machines in no Swarm, anew for each test: for what makes a
Swarm, joins it or leaves it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.lab import lab as labs
from tests.lab import requirements
from tests.lab.lab import Lab
from tests.lab.spec import LabSpec, plain_engines


def require_lab() -> None:
    """Skip, or fail where the lab is required, if it cannot run here."""
    reason = requirements.why_not()
    if reason is None:
        return
    if os.environ.get("DNET_LAB") == "require":
        pytest.fail(f"DNET_LAB=require, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A ready Swarm of three nodes with its sample deployed."""
    require_lab()
    name = os.environ.get("DNET_LAB_NAME") or f"test-{os.getpid()}"
    running = labs.attach(name)
    if running:
        running.wait_ready()
        yield running
        return
    # The owner is named so that the lab also ends when this process is killed.
    started = labs.up(LabSpec(name), owner=os.getpid())
    try:
        yield started
    finally:
        started.down()


@pytest.fixture(autouse=True)
def _lab_as_it_was_made(request: pytest.FixtureRequest) -> None:
    """Whatever tests before have done to the session's lab, each begins with the Swarm and the sample whole."""
    if "lab" in request.fixturenames:
        shared: Lab = request.getfixturevalue("lab")
        shared.settle()


@pytest.fixture
def plain_lab() -> Iterator[Lab]:
    """Two engines that are in no Swarm, on machines ``one`` and ``two`` that let each other's root in over SSH."""
    require_lab()
    started = labs.up(LabSpec(f"plain-{os.getpid()}", plain_engines(2), swarm=False, sample=False), owner=os.getpid())
    try:
        yield started
    finally:
        started.down()
