"""A running node of the lab: what can be asked of it and done to it."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab import engine_api
from tests.lab.engine_api import PATIENCE
from tests.lab.spec import LabSpec, NodeSpec

_NAMESPACE_OPTIONS = ("-m", "-u", "-n", "-p", "-i")

#: What a person who logged in on the node would not have.
_FOREIGN_VARIABLES = (
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "DOCKER_API_VERSION",
    "SSH_AUTH_SOCK",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
)

#: Listens on the port that it is given, and holds each connection for ever.
_SILENT = """
import socket, sys
held = []
with socket.create_server(("", int(sys.argv[1]))) as server:
    while True:
        held.append(server.accept())
"""

_UNTIL_GONE = "while kill -0 $engine 2>/dev/null; do sleep 0.05; done"


class CommandError(Exception):
    """A command on a node failed; the text is what it wrote."""


@dataclass(frozen=True)
class LabNode:
    """One node, as seen from the machine outside."""

    lab: LabSpec
    spec: NodeSpec
    pid: int
    wire: int

    @property
    def name(self) -> str:
        """Its host name, which is its name in the Swarm too."""
        return self.spec.name

    @property
    def address(self) -> str:
        """Its address on the wire."""
        return self.lab.address(self.name)

    @property
    def socket(self) -> Path:
        """The engine's socket, for use from outside the node."""
        return self.folder / "docker.sock"

    @property
    def folder(self) -> Path:
        """Where its files lie on the machine: layers, data, logs."""
        return self.lab.node_folder(self.name)

    def enter(
        self,
        argv: Sequence[str],
        *,
        cwd: str | Path = "/root",
        environment: Mapping[str, str] | None = None,
    ) -> list[str]:
        """The command line that runs ``argv`` inside, as root logged in there."""
        unset = [word for name in _FOREIGN_VARIABLES for word in ("-u", name)]
        values = {"HOME": "/root", "USER": "root", "LOGNAME": "root", **(environment or {})}
        assignments = [f"{name}={value}" for name, value in values.items()]
        inside = ["env", "-C", str(cwd), *unset, *assignments, *argv]
        return ["nsenter", "-t", str(self.pid), *_NAMESPACE_OPTIONS, "--", *inside]

    def run(self, *argv: str, timeout: float = PATIENCE, stdin: str = "") -> str:
        """Run a command inside and return what it wrote."""
        return _run(self.enter(argv), timeout, stdin)

    def docker(self, *args: str, timeout: float = PATIENCE, stdin: str = "") -> str:
        """Run the docker CLI against this node's engine."""
        return _run(["docker", "-H", f"unix://{self.socket}", *args], timeout, stdin)

    def api(self, method: str, url: str, body: object = None, timeout: float = PATIENCE) -> object:
        """One request of this node's engine."""
        return engine_api.request(self.socket, method, url, body, timeout=timeout)

    def boot(self) -> None:
        """Give the node its network, then start sshd and the engine."""
        commands = [
            "ip link set lo up",
            f"ip addr add {self.address}/24 dev eth0",
            "ip link set eth0 up",
            f"ip route add default via {self.lab.gateway}",
        ]
        if self.spec.silent:
            commands.append(
                self._in_background([sys.executable, "-S", "-c", _SILENT, str(self.spec.ssh_port)], "silent.log")
            )
        elif self.spec.ssh:
            commands.append(self._sshd_command())
        if self.spec.behind:
            others = f"-p tcp --dport {self.spec.ssh_port} ! -s {self.lab.address(self.spec.behind)}"
            commands.append(f"iptables -I INPUT {others} -j DROP")
        if self.spec.engine:
            commands.append(self._engine_command())
        self._shell("\n".join(commands))

    def start_engine(self, timeout: float = PATIENCE) -> None:
        """Start the engine and wait until it answers."""
        self._shell(self._engine_command())
        self.wait_engine(timeout)

    def wait_engine(self, timeout: float = PATIENCE) -> None:
        """Wait until the engine answers."""
        try:
            engine_api.wait_for(
                lambda: bool(engine_api.request(self.socket, "GET", "/_ping", timeout=2.0)),
                f"an answer of {self.name}'s engine",
                timeout,
            )
        except TimeoutError as error:
            # The log may go with the lab before anybody can read it.
            raise TimeoutError(f"{error}; its log ends with:\n{self.engine_log(10)}") from None

    def engine_log(self, lines: int) -> str:
        """The last lines of what the engine has logged."""
        try:
            text = (self.folder / "dockerd.log").read_text(errors="replace")
        except OSError as error:
            return str(error)
        return "\n".join(text.splitlines()[-lines:])

    def kill_engine(self) -> None:
        """SIGKILL the engine; its containers and containerd go on."""
        self._signal_engine(signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._pid_file.unlink()

    def stop_engine(self) -> None:
        """Freeze the engine (SIGSTOP): it accepts connections and never answers."""
        states = "grep -hs ^State: /proc/$engine/task/*/status"
        # Each thread stops in its own time; one that still runs could answer.
        wait = f"while {states} | grep -qv stopped; do sleep 0.01; done"
        self._signal_engine(signal.SIGSTOP, wait)

    def cont_engine(self) -> None:
        """Let a frozen engine go on."""
        self._signal_engine(signal.SIGCONT, wait="")

    def shut_engine(self) -> None:
        """End the engine in good order, as at ``systemctl stop docker``."""
        self._signal_engine(signal.SIGTERM)

    def restart_engine(self, timeout: float = PATIENCE) -> None:
        """End the engine in good order and start it again."""
        self.shut_engine()
        self.start_engine(timeout)

    def stop_sshd(self) -> None:
        """End sshd and its sessions."""
        # Sessions are programs of their own from OpenSSH 9.8 on.
        self._shell("pkill -KILL -x 'sshd|sshd-session|sshd-auth' || true")

    def start_sshd(self) -> None:
        """Start sshd."""
        self._shell(self._sshd_command())

    def cut_link(self) -> None:
        """Pull the cable between this node and the wire."""
        self._set_port("down")

    def restore_link(self) -> None:
        """Plug the cable in again."""
        self._set_port("up")

    @property
    def _pid_file(self) -> Path:
        return Path(f"/proc/{self.pid}/root/run/docker.pid")

    def _engine_command(self) -> str:
        words = [
            "dockerd",
            *("-H", "unix:///var/run/docker.sock"),
            *("-H", f"unix://{self.socket}"),
            *("--cgroup-parent", f"{self.lab.cgroup}/{self.name}"),
            # On cgroup v2 it would otherwise look for the machine's systemd.
            *("--exec-opt", "native.cgroupdriver=cgroupfs"),
            *("--shutdown-timeout", "5"),
            *self.spec.engine_options,
        ]
        return self._in_background(words, "dockerd.log")

    def _sshd_command(self) -> str:
        # A full path: sshd insists, since it executes itself again.
        return self._in_background(["/usr/sbin/sshd", "-D", "-e"], "sshd.log")

    def _in_background(self, words: Sequence[str], log: str) -> str:
        command = shlex.join(words)
        return f"setsid {command} </dev/null >>{shlex.quote(str(self.folder / log))} 2>&1 &"

    def _shell(self, script: str) -> None:
        self.run("sh", "-e", stdin=script)

    def _signal_engine(self, number: signal.Signals, wait: str = _UNTIL_GONE) -> None:
        inner = self._pid_file.read_text().strip()
        self._shell(f"engine={inner}\nkill -{int(number)} $engine\n{wait}\n")

    def _set_port(self, state: str) -> None:
        enter = ["nsenter", "-t", str(self.wire), "-n", "--"]
        _run([*enter, "ip", "link", "set", self.lab.port(self.name), state], 10.0)


def _run(argv: Sequence[str], timeout: float, stdin: str = "") -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DOCKER_")}
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=timeout, env=environment)
    if done.returncode != 0:
        raise CommandError(f"{shlex.join(argv)}: exit {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout
