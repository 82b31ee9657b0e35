"""Logging in: keys, the agent, certificates, passphrases, passwords, prompts, and never twice where it is refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace

import asyncssh
import pytest

from backends.errors import AuthRefused
from backends.ssh import problems
from backends.ssh.keys import public_line
from backends.ssh.offers import Record
from backends.ssh.pool import Pool
from backends.ssh.questions import QuestionKind
from backends.ssh.report import LinkPhase
from backends.ssh.target import Target
from tests.unit import ssh_double
from tests.unit.ssh_double import Person, Rules, key, rsa_key, ssh_host, until


@contextlib.asynccontextmanager
async def a_pool(person: Person | None = None) -> AsyncIterator[Pool]:
    pool = Pool(person)
    try:
        yield pool
    finally:
        await pool.close()


def key_file(folder: Path, name: str = "id", passphrase: str | None = None) -> str:
    path = folder / name
    data = key(name).export_private_key("openssh", passphrase=passphrase, rounds=1, ignore_few_rounds=True)
    path.write_bytes(data)
    return str(path)


async def test_a_key_file_without_a_passphrase(tmp_path: Path) -> None:
    async with ssh_host(Rules(keys=[key("id")])) as host, a_pool() as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path, keys=(key_file(tmp_path),))) as link:
            await link.up()
            assert link.report.login == f"key {tmp_path}/id"
            assert link.report.phase is LinkPhase.UP
            assert [step.name for step in link.report.steps] == ["connect", "host key", "login"]


async def test_a_passphrase_is_asked_once_for_a_key_however_many_nodes_want_it(tmp_path: Path) -> None:
    # GIVEN two machines that take the same encrypted key
    person = Person("open sesame", wait=True)
    async with (
        ssh_host(Rules(keys=[key("id")])) as one,
        ssh_host(Rules(keys=[key("id")])) as two,
        a_pool(person) as pool,
    ):
        one.known(tmp_path)
        two.known(tmp_path)
        keys = (key_file(tmp_path, passphrase="open sesame"),)
        async with (
            pool.lease(one.target(tmp_path, keys=keys)) as first,
            pool.lease(two.target(tmp_path, keys=keys)) as second,
        ):
            both = asyncio.gather(first.up(), second.up())
            # WHEN both need it
            await until(lambda: first.report.phase is second.report.phase is LinkPhase.ASKING)
            # THEN there is one question, and no connection is kept waiting for its answer
            assert [question.kind for question in person.asked] == [QuestionKind.PASSPHRASE]
            await until(lambda: not one.connections and not two.connections)
            person.go.set()
            await both
            assert len(person.asked) == 1
            # AND it is kept for the next time
            one.hang_up()
            await until(lambda: first.report.phase is LinkPhase.UP and len(one.connections) == 1)
            assert len(person.asked) == 1


async def test_a_passphrase_is_not_asked_for_a_key_that_the_server_does_not_take(tmp_path: Path) -> None:
    person = Person("open sesame")
    async with ssh_host(Rules(keys=[key("other")])) as host, a_pool(person) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path, keys=(key_file(tmp_path, passphrase="x"),))) as link:
            with pytest.raises(AuthRefused, match="after key"):
                await link.up()
        assert person.asked == []


async def test_a_wrong_passphrase_is_asked_again_without_troubling_the_server(tmp_path: Path) -> None:
    person = Person("wrong", "right")
    async with ssh_host(Rules(keys=[key("id")])) as host, a_pool(person) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path, keys=(key_file(tmp_path, passphrase="right"),))) as link:
            await link.up()
    assert [bool(question.problem) for question in person.asked] == [False, True]
    assert person.asked[0].fingerprint.startswith("SHA256:")


async def test_a_declined_passphrase_refuses_until_it_is_allowed_again(tmp_path: Path) -> None:
    person = Person(None, "right")
    async with ssh_host(Rules(keys=[key("id")])) as host, a_pool(person) as pool:
        host.known(tmp_path)
        target = host.target(tmp_path, keys=(key_file(tmp_path, passphrase="right"),))
        async with pool.lease(target) as link:
            for _ in range(3):
                with pytest.raises(AuthRefused) as caught:
                    await link.up()
            # THEN it is said which key is locked, and what would unlock it without a person
            assert str(caught.value).endswith(f": the key for it, {tmp_path}/id, is locked.")
            assert caught.value.hint == (
                f"The passphrase of {tmp_path}/id was not given; ssh-add {tmp_path}/id unlocks it where an agent runs."
            )
            assert len(person.asked) == 1
            # WHEN the person wants it tried again
            pool.allow(target)
            await link.up()


async def test_a_password_is_kept_and_brings_the_node_back(tmp_path: Path) -> None:
    person = Person("secret")
    async with ssh_host(Rules(passwords={"ops": "secret"})) as host, a_pool(person) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            await link.up()
            assert link.report.login == "password"
            host.hang_up()
            await until(lambda: link.report.phase is LinkPhase.UP and len(host.connections) == 1)
    assert len(person.asked) == 1


async def test_a_refused_login_is_never_tried_again_by_itself(tmp_path: Path) -> None:
    person = Person("wrong", "secret")
    async with ssh_host(Rules(passwords={"ops": "secret"})) as host, a_pool(person) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            for _ in range(5):
                with pytest.raises(AuthRefused, match="refuses the login of ops, after password"):
                    await link.up()
            assert host.logins == ["password"]
            assert link.report.phase is LinkPhase.REFUSED
            # WHEN the person says so, it is asked anew: the wrong one was not kept
            pool.allow()
            await link.up()
            assert host.logins == ["password", "password"]


async def test_a_declined_password(tmp_path: Path) -> None:
    async with ssh_host(Rules(passwords={"ops": "secret"})) as host, a_pool(Person()) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            with pytest.raises(AuthRefused) as caught:
                await link.up()
    assert host.logins == []
    assert "password" in caught.value.hint


async def test_without_anybody_to_ask_it_is_refused_at_once(tmp_path: Path) -> None:
    async with ssh_host(Rules(passwords={"ops": "secret"})) as host, a_pool() as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            with pytest.raises(AuthRefused):
                await link.up()


async def test_prompts_of_the_server_are_answered_one_by_one(tmp_path: Path) -> None:
    person = Person("secret", "123456")
    rules = Rules(prompts=[("Password: ", False, "secret"), ("Code: ", True, "123456")])
    async with ssh_host(rules) as host, a_pool(person) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            await link.up()
    assert [(q.kind, q.prompt, q.echo) for q in person.asked] == [
        (QuestionKind.PASSWORD, "Password: ", False),
        (QuestionKind.PROMPT, "Code: ", True),
    ]
    assert host.logins == ["prompt"]


async def test_a_password_and_then_a_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a server that wants both, one after the other (AuthenticationMethods password,keyboard-interactive)
    person = Person("secret", "123456")
    rules = Rules(prompts=[("One-time password (OATH): ", False, "123456")], passwords={"ops": "secret"})
    passed: list[object] = []
    right = ssh_double._Server.validate_password

    def half(server: ssh_double._Server, username: str, password: str) -> bool:
        assert right(server, username, password)
        passed.append(server)
        return False

    monkeypatch.setattr(ssh_double._Server, "validate_password", half)
    monkeypatch.setattr(ssh_double._Server, "kbdint_auth_supported", lambda server: server in passed)
    async with ssh_host(rules) as host, a_pool(person) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            await link.up()
    # THEN both are asked for, and the code, though it is called a password, is not kept as one
    assert [(q.kind, q.prompt) for q in person.asked] == [
        (QuestionKind.PASSWORD, ""),
        (QuestionKind.PROMPT, "One-time password (OATH): "),
    ]
    assert host.logins == ["password", "prompt"]


async def test_a_refused_password_is_not_asked_for_by_another_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a server that comes to its prompts only after the password
    person = Person("wrong", "wrong")
    rules = Rules(prompts=[("Password: ", False, "secret")], passwords={"ops": "secret"})
    tried: list[object] = []
    right = ssh_double._Server.validate_password

    def noted(server: ssh_double._Server, username: str, password: str) -> bool:
        tried.append(server)
        return right(server, username, password)

    monkeypatch.setattr(ssh_double._Server, "validate_password", noted)
    monkeypatch.setattr(ssh_double._Server, "kbdint_auth_supported", lambda server: server in tried)
    async with ssh_host(rules) as host, a_pool(person) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            with pytest.raises(AuthRefused):
                await link.up()
    assert host.logins == ["password"]
    assert len(person.asked) == 1


async def test_a_wrong_password_is_not_sent_again_by_another_method(tmp_path: Path) -> None:
    person = Person("wrong", "wrong", "wrong")
    rules = Rules(prompts=[("Password: ", False, "secret")], passwords={"ops": "secret"})
    async with ssh_host(rules) as host, a_pool(person) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            with pytest.raises(AuthRefused):
                await link.up()
    assert host.logins == ["prompt"]
    assert len(person.asked) == 1


async def test_a_server_that_only_says_it_would_prompt_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN an sshd without PAM: it offers keyboard-interactive, has nothing to prompt for, and counts each try
    tries: list[str] = []

    def nothing(server: object, username: str, lang: str, submethods: str) -> bool:
        tries.append(username)
        return False

    monkeypatch.setattr(ssh_double._Server, "kbdint_auth_supported", lambda server: True)
    monkeypatch.setattr(ssh_double._Server, "get_kbdint_challenge", nothing)
    async with ssh_host(Rules(keys=[key("id")])) as host, a_pool() as pool:
        host.known(tmp_path)
        # WHEN it refuses the key
        async with pool.lease(host.target(tmp_path, keys=(key_file(tmp_path, "other"),))) as link:
            with pytest.raises(AuthRefused, match="after key"):
                await link.up()
    # THEN that was one more try, not as many as it lets
    assert tries == ["ops"]


async def test_a_question_that_nobody_waits_for_any_more_is_withdrawn(tmp_path: Path) -> None:
    person = Person("secret", wait=True)
    async with ssh_host(Rules(passwords={"ops": "secret"})) as host, a_pool(person) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path)) as link:
            wanting = asyncio.create_task(link.up())
            await until(lambda: bool(pool.answers.waiting))
            wanting.cancel()
        await until(lambda: len(person.withdrawn) == 1)
        assert pool.answers.waiting == ()


async def test_after_a_withdrawn_question_the_next_is_asked_anew(tmp_path: Path) -> None:
    person = Person("secret", wait=True)
    async with ssh_host(Rules(passwords={"ops": "secret"})) as host, a_pool(person) as pool:
        host.known(tmp_path)
        for _ in range(2):
            async with pool.lease(host.target(tmp_path)) as link:
                wanting = asyncio.create_task(link.up())
                await until(lambda: bool(pool.answers.waiting))
                wanting.cancel()
        person.go.set()
        async with pool.lease(host.target(tmp_path)) as link:
            await link.up()
    assert (len(person.asked), len(person.withdrawn)) == (3, 2)


async def test_a_batch_login_asks_nothing(tmp_path: Path) -> None:
    person = Person("secret")
    async with ssh_host(Rules(passwords={"ops": "secret"})) as host, a_pool(person) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path, batch=True)) as link:
            with pytest.raises(AuthRefused):
                await link.up()
    assert person.asked == []


async def test_a_certificate_gets_in_where_the_key_alone_does_not(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    certificate = key("ca").generate_user_certificate(key("id"), "me", principals=["ops"])
    Path(f"{path}-cert.pub").write_bytes(certificate.export_certificate("openssh"))
    async with ssh_host(Rules(authorities=[key("ca")])) as host, a_pool() as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path, keys=(path,))) as link:
            await link.up()
            assert link.report.login == "certificate"


async def test_answers_are_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("asyncssh").setLevel(logging.DEBUG)
    asyncssh.set_debug_level(3)
    try:
        async with ssh_host(Rules(passwords={"ops": "s3cret-word"})) as host, a_pool(Person("s3cret-word")) as pool:
            host.known(tmp_path)
            async with pool.lease(host.target(tmp_path)) as link:
                await link.up()
                assert "s3cret-word" not in repr((pool.answers, link.report, link.target))
    finally:
        asyncssh.set_debug_level(1)
        logging.getLogger("asyncssh").setLevel(logging.WARNING)
    sent = [record.getMessage() for record in caplog.records if "[conn" in record.getMessage()]
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("backends")]
    assert not any("s3cret-word" in text for text in [*ours, *(t for t in sent if "Trying" in t)])


@pytest.fixture
def agent() -> Iterator[str]:
    """A running ssh-agent's socket."""
    if not shutil.which("ssh-agent"):
        pytest.skip("no ssh-agent here")
    started = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    values = dict(part.strip().split("=", 1) for part in started.split(";") if "=" in part)
    try:
        yield values["SSH_AUTH_SOCK"]
    finally:
        os.kill(int(values["SSH_AGENT_PID"]), 15)


def add(agent: str, path: str) -> None:
    os.chmod(path, 0o600)
    environment = {**os.environ, "SSH_AUTH_SOCK": agent}
    subprocess.run(["ssh-add", "-q", path], env=environment, check=True)


async def test_the_agents_key_comes_before_a_passphrase(tmp_path: Path, agent: str) -> None:
    # GIVEN a key that lies encrypted here and open in the agent
    plain = tmp_path / "plain"
    plain.mkdir()
    add(agent, key_file(plain))
    encrypted = key_file(tmp_path, passphrase="x")
    person = Person("x")
    async with ssh_host(Rules(keys=[key("id")])) as host, a_pool(person) as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path, agent=agent, keys=(encrypted,))) as link:
            await link.up()
            assert link.report.login == "agent key"
    assert person.asked == []


def test_a_server_that_ends_the_login_after_a_few_tries_has_not_seen_all_keys() -> None:
    # GIVEN an agent with more keys than a server takes tries
    login = SimpleNamespace(record=Record(tried=["50 keys of the agent", "key ~/.ssh/id"]), offered={"publickey": None})
    # WHEN it hangs up because of that
    error: asyncssh.Error = asyncssh.ProtocolError("Too many authentication failures")
    refusal = problems.explain(Target(host="worker-1", user="ops"), error, login, 5.0)  # type: ignore[arg-type]
    # THEN it is a refused login, and it is not said that the last of them was refused, but what would help
    assert isinstance(refusal, AuthRefused)
    assert "it takes no more tries, and what is offered is 50 keys of the agent, key ~/.ssh/id" in str(refusal)
    assert "IdentitiesOnly" in refusal.hint
    assert "ssh-copy-id" not in refusal.hint


async def test_identities_only_leaves_the_agents_other_keys_alone(tmp_path: Path, agent: str) -> None:
    add(agent, key_file(tmp_path))
    async with ssh_host(Rules(keys=[key("id")])) as host, a_pool() as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path, agent=agent, keys_only=True)) as link:
            with pytest.raises(AuthRefused):
                await link.up()


async def test_an_agent_that_is_not_there_is_said(tmp_path: Path) -> None:
    async with ssh_host(Rules(keys=[key("id")])) as host, a_pool() as pool:
        host.known(tmp_path)
        async with pool.lease(host.target(tmp_path, agent=str(tmp_path / "nothing"))) as link:
            with pytest.raises(AuthRefused) as caught:
                await link.up()
    assert "agent" in caught.value.hint


@pytest.mark.parametrize("passphrase", [None, "x"])
def test_the_public_half_is_read_without_the_passphrase(passphrase: str | None) -> None:
    for made in (key("id"), rsa_key("id")):
        line = public_line(made.export_private_key("openssh", passphrase=passphrase, rounds=1, ignore_few_rounds=True))
        assert line.split() == made.export_public_key("openssh").decode().split()[:2]


@pytest.mark.parametrize("data", [b"", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END", b"\xff" * 100])
def test_what_is_no_key_has_no_public_half(data: bytes) -> None:
    assert public_line(data) == ""
