"""The walk of the tutorial: from two plain engines to a web application that fills a database on the other machine.

All of it from the keyboard, in one dnet-tui that was started on the first machine, at 80x24. With the docker CLI it is
18 commands, some 600 keystrokes, a pasted token and two logins.
"""

from __future__ import annotations

import os
import re
import sys
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab import lab as labs
from tests.lab import seed_images
from tests.lab.engine_api import PATIENCE, wait_for
from tests.lab.fixtures import require_lab
from tests.lab.lab import Lab
from tests.lab.node import CommandError, LabNode
from tests.lab.spec import LabSpec, plain_engines
from tests.walk.tmux import Tmux

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
#: The most that the whole story may take.
KEYSTROKES = 200
#: As the tutorial has it, to be copied.
TABLE = (
    "CREATE DATABASE courses; USE courses; "
    "CREATE TABLE course_details (course_name VARCHAR(10), course_id VARCHAR(11));"
)
ROWS = "SELECT * FROM course_details;"
_FETCH = """
import sys, urllib.request
data = sys.argv[2].encode() if len(sys.argv) > 2 else None
print(urllib.request.urlopen(sys.argv[1], data, timeout=10).read().decode())
"""


@pytest.fixture(scope="module")
def machines() -> Iterator[Lab]:
    """Two machines with plain engines and the images of the tutorial."""
    require_lab()
    if missing := seed_images.missing():
        reason = f"the walk needs {', '.join(missing)} (tests/lab/packages.sh installs them)"
        if os.environ.get("DNET_LAB") == "require":
            pytest.fail(reason)
        pytest.skip(reason)
    spec = LabSpec(f"seed-{os.getpid()}", plain_engines(2), swarm=False, sample=False, seed=True, nat=True)
    started = labs.up(spec, owner=os.getpid())
    try:
        yield started
    finally:
        started.down()


def browser(machine: LabNode, host: str, **form: str) -> str:
    """The page of the web application, as somebody on a machine sees it, with a form sent where one is given."""
    words = [f"http://{host}:8001/index.php", *([urllib.parse.urlencode(form)] if form else [])]
    return machine.run(sys.executable, "-c", _FETCH, *words)


def shows(machine: LabNode, host: str, text: str) -> Callable[[], bool]:
    """Whether the page has a text."""

    def look() -> bool:
        try:
            return text in browser(machine, host)
        except CommandError:
            return False

    return look


class Walk:
    """What is done at the keyboard, in the order of the tutorial."""

    def __init__(self, app: Tmux) -> None:
        self.app = app

    def row(self, pattern: str) -> None:
        """Waits for a row of the list."""
        self.app.until(lambda _: bool(re.search(pattern, self.app.listed())), f"a row {pattern}")

    def look_around(self) -> None:
        """The networks that are there, what drivers are for, what the engine says of itself."""
        app = self.app
        app.keys("5")
        for network in ("bridge", "host", "none"):
            self.row(rf"\b{network} ")
        app.keys(":")
        app.type("drivers")
        app.keys("Enter")
        for driver in ("bridge", "overlay", "macvlan"):
            self.row(rf"\b{driver} ")
        app.keys(":")
        app.type("info")
        app.keys("Enter")
        app.wait("━━ Info  one")

    def make_a_swarm(self) -> None:
        """This machine becomes the manager, the other one a worker over SSH."""
        app = self.app
        app.keys("1", "C-n")
        app.wait("docker swarm init --advertise-addr 198.18.")
        app.keys("C-s")
        self.row(r"one +★ leader +● ready")
        app.keys("n")
        app.wait("user@host, or a Host of ~/.ssh/config")
        app.type("two")
        app.keys("Enter")
        app.until(lambda screen: bool(re.search(r"two +worker .*● ready", screen)), "two looked at")
        app.keys("C-s")
        app.wait("two is ready as a worker")

    def make_a_network(self) -> None:
        """An overlay network over both."""
        app = self.app
        app.keys("5")
        self.row("ingress")
        app.keys("n")
        app.wait("docker network create NETWORK")
        app.type("myoverlaynetwork")
        app.keys("Tab")
        app.wait("← → other drivers")
        app.type("o")
        app.wait("docker network create --driver overlay myoverlaynetwork")
        app.keys("C-s")
        self.row("myoverlaynetwork +overlay")

    def make_a_service(self, image: tuple[str, ...], name: str, port: str, part: tuple[str, ...]) -> None:
        """A service by form: its image and network from what is there, with a published port, on one kind of node."""
        app = self.app
        app.keys("n")
        app.wait("docker service create IMAGE")
        app.type("hs")
        app.wait("hshar/webapp:latest  on")
        app.keys(*image, "Tab", "Tab")
        app.type(name)
        app.keys("Tab", "Tab")
        app.type("my")
        app.wait("myoverlaynetwork")
        app.keys("Tab", "Tab")
        app.type(port)
        app.keys("Tab", "Tab", "Tab")
        app.type("ro")
        app.wait("node.role==worker")
        app.keys(*part, "Tab")
        app.wait(f"--publish {port}")
        app.keys("C-s")
        self.row(rf"{name} +1/1 +● healthy")

    def edit_the_application(self) -> None:
        """In a shell in the container on this machine, with nano: the database's name and password."""
        app = self.app
        app.keys("x")
        app.wait("exit or ctrl+] comes back")
        app.type("nano i")
        app.keys("Tab")
        app.wait("nano index.php")
        app.keys("Enter")
        app.wait("GNU nano")
        app.keys("Down", "End", "Left", "Left", "M-BSpace")
        app.type("mysql")
        app.wait('$servername = "mysql";')
        app.keys("Down", "Left", "Left")
        app.type(seed_images.PASSWORD)
        app.wait(f'$password = "{seed_images.PASSWORD}";')
        app.keys("C-o", "Enter")
        app.wait("Wrote")
        app.keys("C-x")
        app.gone("GNU nano")
        app.keys("C-]")
        self.row("webapp1")

    def make_a_table(self) -> None:
        """In a shell in the container on the other machine, with the database's own client."""
        app = self.app
        app.keys("x")
        app.wait("exit or ctrl+] comes back")
        app.type(f"mysql -p{seed_images.PASSWORD}")
        app.keys("Enter")
        app.wait("MariaDB [(none)]>")
        app.paste(TABLE)
        app.keys("Enter")
        app.wait("MariaDB [courses]>")

    def look_at_the_rows(self) -> None:
        """Still in that client."""
        self.app.paste(ROWS)
        self.app.keys("Enter")
        self.app.wait("1 row in set")


def test_the_whole_tutorial_in_one_terminal(machines: Lab) -> None:
    one = machines.nodes["one"]
    command = one.enter(["sh", "-c", f"cd {ROOT} && exec {sys.executable} -m tui.cli"])
    with Tmux(command, env={"COLORTERM": "", "TERM": "xterm-256color"}) as app:
        app.wait("live")
        walk = Walk(app)
        # GIVEN two engines that are in no Swarm, looked at
        walk.look_around()
        # WHEN a Swarm is made of them, with a network over both and a service on each
        walk.make_a_swarm()
        walk.make_a_network()
        app.keys("3")
        app.wait("No services in this swarm yet.")
        walk.make_a_service(("Down", "Down"), "webapp1", "8001:80", ())
        walk.make_a_service(("Down",), "mysql", "3306:3306", ("Down",))
        # THEN it is seen which runs where
        app.keys("6")
        walk.row(r"webapp1\.1 +one ")
        walk.row(r"mysql\.1 +two ")
        # WHEN the application is told where its database is, and that gets its table
        app.keys("3", "G")
        app.until(lambda screen: bool(re.search(r"^▌ webapp1", screen, re.M)), "the cursor on webapp1")
        walk.edit_the_application()
        app.keys("k")
        app.until(lambda screen: bool(re.search(r"^▌ mysql", screen, re.M)), "the cursor on mysql")
        walk.make_a_table()
        # WHEN somebody fills in the form of the application, on the other machine's port
        wait_for(shows(one, "two", "Course name"), "the page", PATIENCE)
        browser(one, "two", name="docker", id="42")
        # THEN the row is in the database, and on the page of either machine
        walk.look_at_the_rows()
        assert re.search(r"docker +\| 42", app.screen())
        wait_for(shows(one, "one", "docker 42"), "the row on the page", PATIENCE)
        # THEN all of it took no more keys than this
        print(f"the whole tutorial took {app.keystrokes} keystrokes")
        assert app.keystrokes <= KEYSTROKES
