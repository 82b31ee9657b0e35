"""Hosts of which SSH's configuration says the same are asked about once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from backends.ssh.blocks import Blocks
from backends.ssh.config import SshConfig

CONFIG = """\
Host gate
  Port 2222
Host *.far !odd.far
  User ops
  ProxyJump gate
Host node-1? "node-9*"
  HostName %h.example
Host=node-2*
  IdentityFile ~/keys/%h
Include more/*.conf
Host *
  ServerAliveInterval 9
"""
HOSTS = (
    "gate",
    "a.far",
    "b.far",
    "odd.far",
    "node-11",
    "node-12",
    "node-91",
    "node-21",
    "node-22",
    "x",
    "Y",
    "127.0.0.9",
)


def counting(folder: Path) -> str:
    """An ssh that counts how often it is asked."""
    real = shutil.which("ssh")
    if real is None:
        pytest.skip("no ssh here")
    path = folder / "ssh"
    path.write_text(f'#!/bin/sh\necho x >> "{folder}/count"\nexec {real} "$@"\n')
    path.chmod(0o755)
    return str(path)


def count(folder: Path) -> int:
    return len((folder / "count").read_text().split())


async def test_what_is_shared_is_what_ssh_would_have_said(tmp_path: Path) -> None:
    # GIVEN hosts that blocks of all kinds speak of
    (tmp_path / "config").write_text(CONFIG)
    program = counting(tmp_path)
    shared = SshConfig(home=tmp_path, file=tmp_path / "config", program=program)
    # WHEN all are asked about together, and each alone
    for host in HOSTS:
        together = await shared.settings(host)
        alone = await SshConfig(home=tmp_path, file=tmp_path / "config", program=program).settings(host)
        # THEN the answers are the same
        assert dict(together.values) == dict(alone.values)
        assert together.origin == alone.origin


async def test_three_hundred_nodes_are_one_question(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("Host node-*\n  User ops\n")
    config = SshConfig(home=tmp_path, file=tmp_path / "config", program=counting(tmp_path))
    found = [await config.settings(f"node-{number}") for number in range(300)]
    assert count(tmp_path) == 1
    assert [settings.one("hostname") for settings in found] == [f"node-{number}" for number in range(300)]
    # WHEN the file is edited and read anew, THEN it is asked anew
    (tmp_path / "config").write_text("Host node-*\n  User other\n")
    config.forget()
    assert (await config.settings("node-1")).one("user") == "other"


@pytest.mark.parametrize(
    "text", ["Match exec true\n  User a\n", "CanonicalizeHostname yes\n", 'Host "unclosed\n', "Include ${HOME}/x\n"]
)
def test_conditions_of_another_kind_are_not_guessed_at(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)
    assert Blocks(tmp_path, tmp_path / "config").signature("node-1") is None


def test_included_files_count(tmp_path: Path) -> None:
    folder = tmp_path / ".ssh"
    folder.mkdir()
    (folder / "config").write_text("Include sub/*\n")
    (folder / "sub").mkdir()
    (folder / "sub" / "one").write_text("host node-1 !node-1\nmatch all\n")
    (folder / "sub" / "two").write_text("Host node-1\n")
    blocks = Blocks(tmp_path, None)
    said = blocks.signature("node-1")
    assert said is None or said[:2] == (False, True)


def test_only_what_may_be_a_host_is_one_of_the_hosts(tmp_path: Path) -> None:
    # GIVEN names, patterns, and what systemd has in /etc/ssh/ssh_config.d
    text = "Host web db-1 *.example.com !gone\nHost unix/* vsock/*\nHost .host machine/.host\nHost web 192.0.2.7\n"
    (tmp_path / "config").write_text(text)
    # WHEN the hosts are asked for THEN they are those that one may connect to, each once
    assert Blocks(tmp_path, tmp_path / "config").hosts() == ("web", "db-1", "192.0.2.7")
