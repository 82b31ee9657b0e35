"""Which target a node is: the mapping, then what OpenSSH would do, then asyncssh's own reader."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

import pytest

from backends.contexts import EndpointSpec
from backends.errors import TimedOut, Unreachable
from backends.ssh import config as ssh_config
from backends.ssh.config import SshConfig, local_user
from backends.ssh.pool import Pool
from backends.ssh.resolve import Resolver
from backends.ssh.target import NodeMapping, Target, mapping_of
from backends.transport.ssh import transport_of
from tests.unit.ssh_double import until


@pytest.fixture(params=["ssh -G", "asyncssh"])
def program(request: pytest.FixtureRequest) -> str:
    if request.param == "asyncssh":
        return ""
    found = shutil.which("ssh")
    if not found:
        pytest.skip("no ssh here")
    return found


def resolver(
    folder: Path, program: str, text: str = "", mappings: dict[str, NodeMapping] | None = None, **environ: str
) -> Resolver:
    file = folder / "config"
    file.write_text(text)
    return Resolver(SshConfig(home=folder, file=file, program=program), mappings=mappings, environ=environ)


async def test_nothing_said_is_the_host_name_then_the_address(tmp_path: Path, program: str) -> None:
    made = await resolver(tmp_path, program).node("worker-1", "10.0.0.1")
    assert [(t.host, t.port, t.user) for t in made.targets] == [
        ("worker-1", 22, local_user()),
        ("10.0.0.1", 22, local_user()),
    ]
    first = made.targets[0]
    assert any(path.endswith("/.ssh/id_ed25519") for path in first.keys)
    assert any(path.endswith("/.ssh/known_hosts") for path in first.known_hosts)
    assert "/etc/ssh/ssh_known_hosts" in first.system_known_hosts
    assert first.origin == "the node's host name"


async def test_of_two_nodes_of_one_name_the_address_is_tried_first(tmp_path: Path, program: str) -> None:
    made = await resolver(tmp_path, program).node("debian", "10.0.0.1", twin=True)
    assert [target.host for target in made.targets] == ["10.0.0.1", "debian"]
    assert "Another node is called debian too" in made.passed_over[0]
    # AND where the mapping names a host, that is it
    mapped = resolver(tmp_path, program, mappings={"n1": NodeMapping(host="gate")})
    assert [t.host for t in (await mapped.node("debian", "10.0.0.1", node_id="n1", twin=True)).targets] == ["gate"]


async def test_this_node_is_never_reached_over_ssh(tmp_path: Path, program: str) -> None:
    assert (await resolver(tmp_path, program).node("worker-1", "10.0.0.1", here=True)).targets == ()


async def test_what_ssh_says_of_a_host(tmp_path: Path, program: str) -> None:
    text = (
        "Host worker-*\n  User ops\n  Port 2222\n  HostName %h.example.net\n  IdentityFile ~/keys/%h\n"
        "  UserKnownHostsFile ~/kh\n  HostKeyAlias farm\n  IdentitiesOnly yes\n"
        "  PreferredAuthentications password,publickey\n"
    )
    (target,) = (await resolver(tmp_path, program, text).node("worker-1")).targets
    assert (str(target), target.host_key_alias) == ("ops@worker-1.example.net:2222", "farm")
    assert target.keys == (f"{tmp_path}/keys/worker-1.example.net",)
    assert target.keys_only
    assert target.methods == ("password", "publickey")
    if program:
        assert target.origin.endswith("config, Host worker-*")
        assert target.known_hosts[0].endswith("/kh")


async def test_a_block_for_the_name_holds_for_the_address_too(tmp_path: Path, program: str) -> None:
    if not program:
        pytest.skip("only ssh -G says which block it was")
    text = "Host worker-*\n  User ops\n  Port 2222\n"
    made = await resolver(tmp_path, program, text).node("worker-1", "10.0.0.1")
    assert [str(t) for t in made.targets] == ["ops@worker-1:2222", "ops@10.0.0.1:2222"]


async def test_the_mapping_comes_first_and_the_rest_from_ssh(tmp_path: Path, program: str) -> None:
    text = "Host inner\n  User ops\n  Port 2222\n"
    mappings = {"worker-1": NodeMapping(host="inner", user="deploy", key="~/id", socket="/run/d.sock", sudo=True)}
    made = await resolver(tmp_path, program, text, mappings).node("worker-1", "10.0.0.1")
    (target,) = made.targets
    assert (str(target), target.keys, target.keys_only) == ("deploy@inner:2222", (f"{tmp_path}/id",), True)
    assert (made.mapping_name, made.socket, made.sudo) == ("worker-1", "/run/d.sock", True)
    facts = {fact.field: fact for fact in target.facts}
    assert (facts["user"].source, facts["user"].value) == ("your mapping", "deploy")
    assert "ops" in facts["user"].also
    assert facts["host"].source == "your mapping"


def test_a_mapping_is_found_by_id_name_and_pattern() -> None:
    mappings = {"worker-*": NodeMapping(user="a"), "worker-1": NodeMapping(user="b"), "id7": NodeMapping(user="c")}
    assert mapping_of(mappings, "worker-1")[0] == "worker-1"
    assert mapping_of(mappings, "worker-1", "id7")[0] == "id7"
    assert mapping_of(mappings, "worker-2")[0] == "worker-*"
    assert mapping_of(mappings, "manager") == ("", None)


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "::"])
async def test_an_address_that_means_the_node_itself_is_passed_over(tmp_path: Path, address: str) -> None:
    made = await resolver(tmp_path, "").node("manager", address)
    assert [t.host for t in made.targets] == ["manager"]
    assert address in made.passed_over[0]
    # but what its raft says may be better
    made = await resolver(tmp_path, "").node("manager", address, manager_address="10.0.0.9:2377")
    assert [t.host for t in made.targets] == ["manager", "10.0.0.9"]


@pytest.mark.parametrize("name", ["-oProxyCommand=touch pwned", "$(touch pwned)", "a b", "a\nHost *", "-", "a;b"])
async def test_a_hostile_host_name_never_reaches_ssh(tmp_path: Path, program: str, name: str) -> None:
    made = await resolver(tmp_path, program).node(name, "10.0.0.1")
    assert [t.host for t in made.targets] == ["10.0.0.1"]
    assert "is no host name" in made.passed_over[0]
    with pytest.raises(Unreachable, match="is no host name"):
        await resolver(tmp_path, program).node(name, "0.0.0.0")
    with pytest.raises(Unreachable, match="is no host name"):
        await resolver(tmp_path, program, mappings={name: NodeMapping(host=name)}).node(name)


async def test_a_chain_of_hops_with_their_own_settings(tmp_path: Path, program: str) -> None:
    text = (
        "Host inner\n  ProxyJump gate,ops@middle:23\n"
        "Host gate\n  User guard\n  Port 24\n  ProxyJump outer\n"
        "Host middle\n  ProxyJump ignored\n"
    )
    (target,) = (await resolver(tmp_path, program, text).node("inner")).targets
    assert [str(hop) for hop in target.jump] == [f"{local_user()}@outer", "guard@gate:24", "ops@middle:23"]
    assert all(hop.jump == () for hop in target.jump)
    assert target.via == "outer, gate, middle"


async def test_a_jump_of_the_mapping(tmp_path: Path, program: str) -> None:
    text = "Host inner\n  ProxyJump gate\n"
    for jump, hops in (("ops@other:23", ["ops@other:23"]), ("", []), (None, [f"{local_user()}@gate"])):
        made = await resolver(tmp_path, program, text, {"inner": NodeMapping(jump=jump)}).node("inner")
        assert [str(hop) for hop in made.targets[0].jump] == hops


async def test_hops_in_a_circle(tmp_path: Path, program: str) -> None:
    with pytest.raises(Unreachable, match="circle"):
        await resolver(tmp_path, program, "Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n").node("a")


async def test_through_the_manager_as_the_last_resort(tmp_path: Path, program: str) -> None:
    via = Target(host="manager", user="root", jump=(Target(host="gate", user="guard"),))
    made = await resolver(tmp_path, program).node("worker-1", "10.0.0.1", via=via)
    assert [(t.host, t.via) for t in made.targets] == [
        ("worker-1", ""),
        ("10.0.0.1", ""),
        ("10.0.0.1", "gate, manager"),
    ]


async def test_a_jump_host_too_is_tried_through_the_manager(tmp_path: Path, program: str) -> None:
    # GIVEN a laptop's configuration with a jump host, and a Swarm that is reached over SSH
    text = "Host worker-1\n  ProxyJump gate,inner\nHost worker-2\n  ProxyJump root@manager\n"
    via, made = Target(host="manager", user="root"), resolver(tmp_path, program, text)
    # THEN the jump is tried from here first, then from the manager, and who says so is told
    found = await made.node("worker-1", via=via)
    assert [t.via for t in found.targets] == ["gate, inner", "manager, gate, inner"]
    assert found.targets[1].jump[0] == via
    (fact,) = (f for f in found.targets[1].facts if f.field == "jump")
    assert "manager" in fact.value
    assert "gate" in fact.also
    assert fact.source == "the way to the Swarm"
    # AND a jump by the manager itself is not doubled, a mapped one counts as well, and none where that is forbidden
    assert [t.via for t in (await made.node("worker-2", via=via)).targets] == ["manager"]
    made.mappings = {"worker-3": NodeMapping(host="10.0.0.3", jump="gate"), "worker-4": NodeMapping(jump="")}
    assert [t.via for t in (await made.node("worker-3", via=via)).targets] == ["gate", "manager, gate"]
    assert [t.via for t in (await made.node("worker-4", via=via)).targets] == [""]


async def test_a_proxy_command_gets_its_tokens(tmp_path: Path, program: str) -> None:
    text = "Host worker-1\n  Port 2222\n  User ops\n  ProxyCommand ssh -W %h:%p %r@gate\n"
    (target,) = (await resolver(tmp_path, program, text).node("worker-1")).targets
    assert target.proxy_command == "ssh -W worker-1:2222 ops@gate"
    assert target.via == "ProxyCommand"


@pytest.mark.parametrize(
    ("said", "socket_path"),
    [
        ("", "/agent"),
        ("IdentityAgent none", ""),
        ("IdentityAgent ~/a.sock", "~/a.sock"),
        ("IdentityAgent SSH_AUTH_SOCK", "/agent"),
        ("IdentityAgent $OTHER", "/other"),
    ],
)
async def test_the_agent(tmp_path: Path, program: str, said: str, socket_path: str) -> None:
    if not program and "none" in said:
        pytest.skip("asyncssh's reader drops none")
    made = await resolver(tmp_path, program, f"{said}\n", SSH_AUTH_SOCK="/agent", OTHER="/other").node("worker-1")
    # ssh takes the home folder of the user's account, whatever HOME says
    assert made.targets[0].agent.removeprefix(pwd.getpwuid(os.getuid()).pw_dir) == socket_path.replace(
        "~", "" if program else str(tmp_path)
    )


async def test_a_broken_configuration_is_shown(tmp_path: Path, program: str) -> None:
    text = "Host *\n  Bogus yes\n" if program else "Host *\n  Port 22 # comment\n"
    with pytest.raises(Unreachable, match=r"SSH's configuration cannot be used.*line 2") as caught:
        await resolver(tmp_path, program, text).node("worker-1")
    assert caught.value.hint


def gone(process: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet counts as ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X")
    except OSError:
        return True


async def test_a_configuration_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_config, "_LIMIT", 0.2)
    slow = tmp_path / "ssh"
    # GIVEN a Match exec that hangs, in a process of its own that has our pipes
    slow.write_text(f'#!/bin/sh\nsleep 60 &\necho $! > "{tmp_path}/started"\nwait\n')
    slow.chmod(0o755)
    with pytest.raises(TimedOut):
        await resolver(tmp_path, str(slow)).node("worker-1")
    # THEN it ends with the one that started it
    started = int((tmp_path / "started").read_text())
    await until(lambda: gone(started))


async def test_ssh_is_asked_once_until_it_is_to_be_forgotten(tmp_path: Path) -> None:
    counting = tmp_path / "ssh"
    counting.write_text(f'#!/bin/sh\necho x >> "{tmp_path}/count"\necho "hostname h"\necho "port 22"\n')
    counting.chmod(0o755)
    asked = resolver(tmp_path, str(counting))
    for _ in range(3):
        await asked.node("worker-1")
    assert len((tmp_path / "count").read_text().split()) == 1
    asked.forget()
    await asked.node("worker-1")
    assert len((tmp_path / "count").read_text().split()) == 2


@pytest.mark.parametrize(
    ("url", "login", "path"),
    [
        ("ssh://ops@worker", "ops@worker", ""),
        ("ssh://ops@worker:2222/run/d.sock", "ops@worker:2222", "/run/d.sock"),
        ("ssh://ops@[fd00::1]:23", "ops@[fd00::1]:23", ""),
        ("ssh://worker:22", f"{local_user()}@worker", ""),
    ],
)
async def test_an_endpoint_of_docker(tmp_path: Path, program: str, url: str, login: str, path: str) -> None:
    pool = Pool()
    transport = transport_of(EndpointSpec(url, origin="--host"), pool, resolver(tmp_path, program))
    made = await transport._resolve()
    assert (str(made.targets[0]), made.socket) == (login, path)
    assert transport.endpoint == url
    await pool.close()


async def test_a_password_in_an_address_is_neither_used_nor_shown(tmp_path: Path) -> None:
    pool = Pool()
    transport = transport_of(EndpointSpec("ssh://ops:s3cret@worker"), pool, resolver(tmp_path, ""))
    assert "s3cret" not in transport.endpoint
    with pytest.raises(Unreachable, match="password") as caught:
        await transport.open()
    assert "s3cret" not in f"{caught.value}{caught.value.hint}{caught.value.original}"
    await transport.close()
    await pool.close()
