"""Certificates with OpenSSH's own tools: a user's, signed by an authority that sshd trusts, and a host's, by one that
known_hosts names."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from backends.errors import AuthRefused, HostKeyRefused, HostKeyUnknown
from backends.ssh import dial
from backends.ssh.pool import Pool
from backends.ssh.shell import run_on
from backends.ssh.target import Target
from tests.lab.lab import Lab
from tests.lab.node import LabNode
from tests.lab.ssh import login, sockets_in, ssh_lab

__all__ = ["ssh_lab"]
pytestmark = pytest.mark.lab

NODE = "notcp"


@dataclass
class Authority:
    """Signs keys, which it makes, all in one folder."""

    folder: Path

    def make(self, name: str) -> Path:
        path = self.folder / name
        _keygen("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path))
        return path

    def sign(self, public: Path, *principals: str, options: tuple[str, ...] = ()) -> Path:
        """The certificate of a public key, beside it."""
        if not (self.folder / "ca").exists():
            self.make("ca")
        names = ",".join(principals)
        _keygen("-q", "-s", str(self.folder / "ca"), "-I", "lab", "-n", names, *options, str(public))
        return public.with_name(f"{public.stem}-cert.pub")

    def line(self, pattern: str) -> str:
        return f"@cert-authority {pattern} {(self.folder / 'ca.pub').read_text()}"


def _keygen(*words: str) -> None:
    subprocess.run(["ssh-keygen", *words], check=True, stdin=subprocess.DEVNULL)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    folder = tmp_path / "keys"
    folder.mkdir()
    return Authority(folder)


@pytest.fixture
def machine(ssh_lab: Lab) -> Iterator[LabNode]:
    """A machine whose sshd is as it was afterwards."""
    node = ssh_lab.nodes[NODE]
    node.run("cp", "-a", "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.kept")
    try:
        yield node
    finally:
        node.run("mv", "/etc/ssh/sshd_config.kept", "/etc/ssh/sshd_config")
        restart(node)


def configure(node: LabNode, option: str, path: str, content: str) -> None:
    """Gives sshd a file and an option that names it; the first value of an option counts."""
    node.run("sh", "-c", f"cat > {path}", stdin=content)
    node.run("sh", "-c", f"sed -i '1i {option} {path}' /etc/ssh/sshd_config")
    restart(node)


def restart(node: LabNode) -> None:
    node.stop_sshd()
    node.start_sshd()
    node.run("sh", "-c", "until ss -Hltn 'sport = :22' | grep -q LISTEN; do sleep 0.05; done")


@pytest.fixture
async def target(ssh_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Target:
    """How the lab's own key logs in there, from the first machine; known_hosts knows the host key."""
    monkeypatch.setattr(dial, "make_socket", sockets_in(ssh_lab.manager.pid))
    return await login(ssh_lab, NODE)


async def used(target: Target) -> str:
    """What let us in: the words of the screen. Nobody is there to be asked."""
    pool = Pool()
    try:
        async with pool.lease(target) as link:
            assert (await run_on(pool, target, "hostname")).stdout == f"{NODE}\n".encode()
            return link.report.login
    finally:
        await pool.close()


async def test_a_users_certificate_lets_in_where_its_key_is_known_to_nobody(
    machine: LabNode, target: Target, authority: Authority
) -> None:
    # GIVEN a key that no authorized_keys has, and an sshd that trusts an authority
    key = authority.make("id")
    mine = replace(target, keys=(str(key),), agent="", keys_only=True)
    certificate = authority.sign(key.with_suffix(".pub"), "root")
    configure(machine, "TrustedUserCAKeys", "/etc/ssh/user_ca.pub", (authority.folder / "ca.pub").read_text())
    # THEN its certificate, which lies beside it as ssh-keygen left it, is what lets us in
    assert await used(mine) == "certificate"
    # AND one that lies elsewhere, where ssh_config names it
    elsewhere = certificate.rename(authority.folder / "elsewhere-cert.pub")
    with pytest.raises(AuthRefused):
        await used(mine)
    assert await used(replace(mine, certificates=(str(elsewhere),))) == "certificate"


@pytest.mark.parametrize(
    ("principal", "options"),
    [("somebody", ()), ("root", ("-V", "20200101:20200102"))],
    ids=["of another user", "out of date"],
)
async def test_a_users_certificate_that_does_not_hold_is_refused(
    machine: LabNode, target: Target, authority: Authority, principal: str, options: tuple[str, ...]
) -> None:
    key = authority.make("id")
    authority.sign(key.with_suffix(".pub"), principal, options=options)
    configure(machine, "TrustedUserCAKeys", "/etc/ssh/user_ca.pub", (authority.folder / "ca.pub").read_text())
    with pytest.raises(AuthRefused) as caught:
        await used(replace(target, keys=(str(key),), agent="", keys_only=True))
    assert f"{key}" in str(caught.value)


async def test_a_hosts_certificate_is_trusted_by_the_authority_in_known_hosts(
    machine: LabNode, target: Target, authority: Authority, tmp_path: Path
) -> None:
    # GIVEN a host whose key no known_hosts has, with a certificate of an authority
    public = authority.folder / "host.pub"
    public.write_text(machine.run("ssh-keygen", "-y", "-f", "/etc/ssh/lab_host_key"))
    known = tmp_path / "known_hosts"
    mine = replace(target, known_hosts=(str(known),), system_known_hosts=())
    certificate = authority.sign(public, machine.address, options=("-h",))
    configure(machine, "HostCertificate", "/etc/ssh/lab_host_key-cert.pub", certificate.read_text())
    # THEN it is unknown without the authority
    known.write_text("")
    with pytest.raises(HostKeyUnknown):
        await used(mine)
    # AND known with it, for the hosts that its line names only
    known.write_text(authority.line(f"{machine.address.rpartition('.')[0]}.*"))
    assert (await used(mine)).startswith("key ")
    known.write_text(authority.line("10.99.*"))
    with pytest.raises(HostKeyUnknown):
        await used(mine)


@pytest.mark.parametrize(
    ("principal", "options"),
    [("another.example", ()), ("", ("-V", "20200101:20200102"))],
    ids=["of another host", "out of date"],
)
async def test_a_hosts_certificate_that_does_not_hold_is_refused_in_words(
    machine: LabNode, target: Target, authority: Authority, tmp_path: Path, principal: str, options: tuple[str, ...]
) -> None:
    public = authority.folder / "host.pub"
    public.write_text(machine.run("ssh-keygen", "-y", "-f", "/etc/ssh/lab_host_key"))
    certificate = authority.sign(public, principal or machine.address, options=("-h", *options))
    configure(machine, "HostCertificate", "/etc/ssh/lab_host_key-cert.pub", certificate.read_text())
    known = tmp_path / "known_hosts"
    known.write_text(authority.line("*"))
    # THEN the login is refused for that, and nobody is asked whether to trust it
    with pytest.raises(HostKeyRefused, match="host certificate") as caught:
        await used(replace(target, known_hosts=(str(known),), system_known_hosts=()))
    assert not isinstance(caught.value, HostKeyUnknown)
    assert "@cert-authority" in caught.value.hint
