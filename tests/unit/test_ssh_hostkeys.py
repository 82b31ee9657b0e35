"""known_hosts as OpenSSH reads and writes it: unknown, changed and revoked keys told apart."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from backends.errors import HostKeyChanged, HostKeyRefused, HostKeyRevoked, HostKeyUnknown, Unreachable
from backends.ssh.hostkeys import KnownHosts, hashed, remember
from backends.ssh.patterns import matches
from backends.ssh.target import Target
from tests.unit.ssh_double import key, rsa_key

MINE = key("mine").convert_to_public()


def line(made: asyncssh.SSHKey) -> str:
    return " ".join(made.export_public_key("openssh").decode().split()[:2])


def target(folder: Path, **changes: object) -> Target:
    made = Target(
        host="worker", user="ops", known_hosts=(str(folder / "kh"),), system_known_hosts=(str(folder / "system"),)
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def verdict(where: Target, shown: asyncssh.SSHKey = MINE) -> HostKeyRefused | None:
    known = KnownHosts()
    trust = known.trust(where)
    if shown in trust.keys and shown not in trust.revoked:
        return None
    return known.refusal(where, trust, shown)


@pytest.mark.parametrize(
    "names",
    [
        *("worker", "WORKER", "other,worker", "work*", "w?rker", "*,!other", "[worker]:2222,worker"),
        pytest.param(hashed("worker"), id="hashed"),
    ],
)
def test_a_line_that_speaks_of_the_host(tmp_path: Path, names: str) -> None:
    (tmp_path / "kh").write_text(f"{names} {line(MINE)}\n")
    assert verdict(target(tmp_path)) is None


@pytest.mark.parametrize(
    "names",
    [
        *("work", "*,!worker", "[worker]:2222", "|1|broken", "|2|a|b", "w.rker"),
        pytest.param(hashed("other"), id="hashed, of another"),
    ],
)
def test_a_line_that_does_not(tmp_path: Path, names: str) -> None:
    (tmp_path / "kh").write_text(f"{names} {line(MINE)}\n")
    assert isinstance(verdict(target(tmp_path)), HostKeyUnknown)


def test_the_system_wide_file_counts_too(tmp_path: Path) -> None:
    (tmp_path / "system").write_text(f"worker {line(MINE)}\n")
    assert verdict(target(tmp_path)) is None


def test_no_file_at_all_knows_nothing(tmp_path: Path) -> None:
    error = verdict(target(tmp_path))
    assert isinstance(error, HostKeyUnknown)
    assert error.fingerprint == MINE.get_fingerprint()
    assert error.key.startswith("ssh-ed25519 AAAA")
    assert error.files == (str(tmp_path / "kh"), str(tmp_path / "system"))
    assert "ssh-keygen -lf" in error.hint


def test_a_changed_key_names_the_line_of_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "kh").write_text(f"# mine\n\nother {line(MINE)}\nworker {line(key('old'))}\n")
    error = verdict(target(tmp_path))
    assert isinstance(error, HostKeyChanged)
    assert (error.file, error.line) == (str(tmp_path / "kh"), 4)
    assert error.old_fingerprint == key("old").get_fingerprint()
    assert error.known_as == (f"other ({tmp_path / 'kh'} line 3)",)
    assert "ssh-keygen -R 'worker'" in error.hint


def test_a_key_of_another_type_is_a_change_as_well(tmp_path: Path) -> None:
    # Otherwise whoever sits in between would show a type that is not known yet.
    (tmp_path / "kh").write_text(f"worker {line(rsa_key('old'))}\n")
    assert isinstance(verdict(target(tmp_path)), HostKeyChanged)


def test_known_types_are_asked_for_first_and_others_still_offered(tmp_path: Path) -> None:
    (tmp_path / "kh").write_text(f"worker {line(rsa_key('old'))}\n")
    algorithms = KnownHosts().trust(target(tmp_path)).algorithms(())
    assert algorithms[0].startswith("rsa-sha2")
    assert "ssh-ed25519" in algorithms
    assert not any("cert" in name for name in algorithms)


@pytest.mark.parametrize("names", ["worker", "*", "@"])
def test_a_revoked_key(tmp_path: Path, names: str) -> None:
    if names == "@":
        (tmp_path / "revoked").write_text(f"# gone\n{line(MINE)}\n")
        where = target(tmp_path, revoked_keys=(str(tmp_path / "revoked"),))
    else:
        (tmp_path / "kh").write_text(f"worker {line(MINE)}\n@revoked {names} {line(MINE)}\n")
        where = target(tmp_path)
    assert isinstance(verdict(where), HostKeyRevoked)


@pytest.mark.parametrize("content", [None, b"SSHKRL\n\0rest"])
def test_a_list_of_revoked_keys_that_cannot_be_read_trusts_nobody(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "revoked").write_bytes(content)
    with pytest.raises(Unreachable, match="revoked"):
        verdict(target(tmp_path, revoked_keys=(str(tmp_path / "revoked"),)))


def test_another_port_has_a_name_of_its_own(tmp_path: Path) -> None:
    where = target(tmp_path, port=2222)
    (tmp_path / "kh").write_text(f"[worker]:2222 {line(MINE)}\nworker {line(key('old'))}\n")
    assert verdict(where) is None
    # without one the name alone is good enough to trust, as for ssh
    (tmp_path / "kh").write_text(f"worker {line(MINE)}\n# changed\n")
    assert verdict(where) is None
    # but not to prove a change
    (tmp_path / "kh").write_text(f"worker {line(key('old'))}\n")
    assert isinstance(verdict(where), HostKeyUnknown)


def test_an_alias_stands_for_the_host(tmp_path: Path) -> None:
    (tmp_path / "kh").write_text(f"farm {line(MINE)}\n")
    assert verdict(target(tmp_path, host_key_alias="farm", port=2222)) is None
    assert isinstance(verdict(target(tmp_path)), HostKeyUnknown)


def test_one_bad_line_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    (tmp_path / "kh").write_bytes(
        b"oneword\n\xff\xfe garbage\n@what worker x\nworker ssh-ed25519 notbase64\nworker unknown-type AAAA\n"
        + f"worker {line(MINE)}\n".encode()
    )
    assert verdict(target(tmp_path)) is None


def test_an_edited_file_is_read_again(tmp_path: Path) -> None:
    known, where = KnownHosts(), target(tmp_path)
    assert not known.trust(where).keys
    (tmp_path / "kh").write_text(f"worker {line(MINE)}\n")
    assert MINE in known.trust(where).keys


@pytest.mark.parametrize("hash_it", [False, True])
def test_a_remembered_key_is_found_by_us_and_by_ssh(tmp_path: Path, hash_it: bool) -> None:
    where = target(tmp_path, known_hosts=(str(tmp_path / "ssh" / "kh"),), port=2222, hash_known_hosts=hash_it)
    assert remember(where, line(MINE)) == str(tmp_path / "ssh" / "kh")
    assert verdict(where) is None
    assert (tmp_path / "ssh").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "ssh" / "kh").stat().st_mode & 0o777 == 0o600
    assert ("worker" in (tmp_path / "ssh" / "kh").read_text()) is not hash_it
    if shutil.which("ssh-keygen"):
        found = ["ssh-keygen", "-F", "[worker]:2222", "-f", str(tmp_path / "ssh" / "kh")]
        assert subprocess.run(found, capture_output=True).returncode == 0


def test_it_is_appended_on_a_line_of_its_own_and_the_mode_stays(tmp_path: Path) -> None:
    (tmp_path / "kh").write_text(f"other {line(key('old'))}")
    os.chmod(tmp_path / "kh", 0o644)
    remember(target(tmp_path), line(MINE))
    assert (tmp_path / "kh").read_text().splitlines() == [f"other {line(key('old'))}", f"worker {line(MINE)}"]
    assert (tmp_path / "kh").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("path", ["/dev/null", "/proc/nothing/kh"])
def test_where_nothing_can_be_kept_it_is_said(tmp_path: Path, path: str) -> None:
    with pytest.raises(Unreachable, match="cannot be remembered"):
        remember(target(tmp_path, known_hosts=(path,)), line(MINE))


@pytest.mark.parametrize("alias", ["a b", "a,b", "*", "!a", "@revoked", "a\nb"])
def test_a_name_that_would_be_read_differently_is_not_written(tmp_path: Path, alias: str) -> None:
    with pytest.raises(Unreachable):
        remember(target(tmp_path, host_key_alias=alias), line(MINE))
    assert not (tmp_path / "kh").exists()


@pytest.mark.parametrize("names", ["10.0.0.*", "10.0.0.7", "*.7,!10.1.*"])
def test_addresses_are_names_as_well(names: str) -> None:
    assert matches(names, "10.0.0.7")
