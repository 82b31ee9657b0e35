"""The files that make a folder a node: names, logins, keys, sshd's settings.

They are written into the upper layers of the node's overlays before these are
mounted, so the machine's own /etc, /root and /home stay as they are.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.lab.spec import OWN_FOLDERS, LabSpec, NodeSpec

_KEY = "id_ed25519"

_SSHD = """\
Port {port}
HostKey /etc/ssh/lab_host_key
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
PrintMotd no
Subsystem sftp internal-sftp
"""


def make_keys(spec: LabSpec) -> None:
    """One key pair for the people of the lab, one for each node's sshd."""
    folder = spec.folder / "keys"
    folder.mkdir(mode=0o700)
    names = [_KEY]
    for node in spec.nodes:
        names.append(node.name)
        if node.trust == "changed":
            names.append(f"{node.name}.old")
    runs = [
        subprocess.Popen(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"lab-{name}", "-f", folder / name])
        for name in names
    ]
    if any(run.wait() for run in runs):
        raise RuntimeError("ssh-keygen failed")


def write_node(spec: LabSpec, node: NodeSpec) -> None:
    """Lay out the folder of one node; ``make_keys`` comes before."""
    folder = spec.node_folder(node.name)
    (folder / "docker").mkdir(parents=True, mode=0o710)
    for own in OWN_FOLDERS:
        for layer in ("upper", "work"):
            path = folder / own.strip("/") / layer
            path.mkdir(parents=True)
        upper = folder / own.strip("/") / "upper"
        upper.chmod(os.stat(own).st_mode & 0o7777)
    _write_etc(spec, node, folder / "etc/upper")
    root = folder / "root/upper"
    _write_ssh_folder(spec, root / ".ssh", 0, 0)
    # Nobody's contexts and registry logins leak into the lab.
    _hiding_folder(root / ".docker")
    _write_users(spec, node, folder)


def _write_etc(spec: LabSpec, node: NodeSpec, etc: Path) -> None:
    names = "".join(f"{spec.address(each.name)} {each.name}\n" for each in spec.nodes)
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n::1 localhost\n{names}")
    (etc / "hostname").write_text(f"{node.name}\n")
    # Not a loopback address: docker would give containers a public one instead.
    (etc / "resolv.conf").write_text(f"nameserver {spec.gateway}\noptions attempts:1 timeout:1\n")
    _hiding_folder(etc / "docker", 0o755)
    ssh = etc / "ssh"
    ssh.mkdir()
    host_key = ssh / "lab_host_key"
    host_key.write_bytes(_key(spec, node.name))
    host_key.chmod(0o600)
    # sshd takes the first value it reads of each setting.
    options = "".join(f"{option}\n" for option in node.sshd_options)
    (ssh / "sshd_config").write_text(options + _SSHD.format(port=node.ssh_port))


def _write_users(spec: LabSpec, node: NodeSpec, folder: Path) -> None:
    if not node.users:
        return
    etc = folder / "etc/upper"
    passwd, shadow = Path("/etc/passwd").read_text(), Path("/etc/shadow").read_text()
    groups = Path("/etc/group").read_text().splitlines()
    for offset, user in enumerate(node.users):
        number = 6000 + offset
        passwd += f"{user.name}:x:{number}:{number}::/home/{user.name}:/bin/bash\n"
        # "*" is no password, but not a locked account, which sshd refuses.
        shadow += f"{user.name}:*:19000:0:99999:7:::\n"
        groups.append(f"{user.name}:x:{number}:")
        if user.docker:
            groups = [_with_member(group, user.name) for group in groups]
        home = folder / "home/upper" / user.name
        home.mkdir(mode=0o755)
        os.chown(home, number, number)
        _write_ssh_folder(spec, home / ".ssh", number, number)
        if user.sudo:
            rules = etc / "sudoers.d"
            rules.mkdir(mode=0o755, exist_ok=True)
            (rules / f"lab-{user.name}").write_text(f"{user.name} ALL=(ALL) NOPASSWD: ALL\n")
            (rules / f"lab-{user.name}").chmod(0o440)
    (etc / "passwd").write_text(passwd)
    (etc / "group").write_text("\n".join(groups) + "\n")
    (etc / "shadow").write_text(shadow)
    (etc / "shadow").chmod(0o640)


def _with_member(group: str, user: str) -> str:
    if not group.startswith("docker:"):
        return group
    return f"{group}{user}" if group.endswith(":") else f"{group},{user}"


def _write_ssh_folder(spec: LabSpec, folder: Path, uid: int, gid: int) -> None:
    _hiding_folder(folder)
    (folder / _KEY).write_bytes(_key(spec, _KEY))
    (folder / f"{_KEY}.pub").write_bytes(_key(spec, f"{_KEY}.pub"))
    (folder / "authorized_keys").write_bytes(_key(spec, f"{_KEY}.pub"))
    (folder / "known_hosts").write_text(_known_hosts(spec))
    (folder / "config").write_text(_ssh_config(spec))
    for path in [folder, *folder.iterdir()]:
        path.chmod(0o700 if path == folder else 0o600)
        os.chown(path, uid, gid)


def _known_hosts(spec: LabSpec) -> str:
    lines = []
    for node in spec.nodes:
        if node.trust == "unknown":
            continue
        name = f"{node.name}.old" if node.trust == "changed" else node.name
        key = " ".join(_key(spec, f"{name}.pub").decode().split()[:2])
        for host in (node.name, spec.address(node.name)):
            lines.append(f"{host if node.ssh_port == 22 else f'[{host}]:{node.ssh_port}'} {key}\n")
    return "".join(lines)


def _ssh_config(spec: LabSpec) -> str:
    lines = []
    for node in spec.nodes:
        if node.ssh_port != 22 or node.ssh_user != "root" or node.behind:
            lines.append(f"Host {node.name} {spec.address(node.name)}\n")
            lines.append(f"    Port {node.ssh_port}\n    User {node.ssh_user}\n")
        if node.behind:
            lines.append(f"    ProxyJump {node.behind}\n")
    return "".join(lines)


def _key(spec: LabSpec, name: str) -> bytes:
    return (spec.folder / "keys" / name).read_bytes()


def _hiding_folder(path: Path, mode: int = 0o700) -> None:
    """An empty folder that hides the machine's own of that name."""
    path.mkdir(mode=mode)
    os.setxattr(path, "trusted.overlay.opaque", b"y")
