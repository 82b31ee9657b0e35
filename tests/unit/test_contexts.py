"""Which engine is meant."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path

import pytest

from backends import contexts
from backends.contexts import DEFAULT_SOCKET, list_contexts, resolve
from backends.errors import Unreachable


def make_context(home: Path, name: str, host: str, *, tls: tuple[str, ...] = (), skip: bool = False) -> None:
    digest = hashlib.sha256(name.encode()).hexdigest()
    folder = home / ".docker" / "contexts" / "meta" / digest
    folder.mkdir(parents=True)
    endpoint = {"Host": host, "SkipTLSVerify": skip}
    meta = {"Name": name, "Metadata": {"Description": f"about {name}"}, "Endpoints": {"docker": endpoint}}
    (folder / "meta.json").write_text(json.dumps(meta))
    for file in tls:
        path = home / ".docker" / "contexts" / "tls" / digest / "docker" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("pem")


def use_context(home: Path, name: str) -> None:
    (home / ".docker").mkdir(exist_ok=True)
    (home / ".docker" / "config.json").write_text(json.dumps({"currentContext": name}))


def test_host_wins_over_everything(tmp_path: Path) -> None:
    make_context(tmp_path, "prod", "tcp://prod:2375")
    env = {"DOCKER_HOST": "tcp://env:2375"}
    spec = resolve("tcp://flag:1", "prod", env, tmp_path)
    assert (spec.url, spec.origin) == ("tcp://flag:1", "--host")


def test_context_flag_wins_over_the_environment(tmp_path: Path) -> None:
    make_context(tmp_path, "prod", "tcp://prod:2375")
    spec = resolve(None, "prod", {"DOCKER_HOST": "tcp://env:2375"}, tmp_path)
    assert (spec.url, spec.context, spec.origin) == ("tcp://prod:2375", "prod", "context prod")


def test_docker_host_wins_over_the_current_context(tmp_path: Path) -> None:
    make_context(tmp_path, "prod", "tcp://prod:2375")
    use_context(tmp_path, "prod")
    spec = resolve(None, None, {"DOCKER_HOST": "tcp://env:2375"}, tmp_path)
    assert (spec.url, spec.context, spec.origin) == ("tcp://env:2375", "default", "DOCKER_HOST")


def test_docker_context_wins_over_the_current_context(tmp_path: Path) -> None:
    make_context(tmp_path, "prod", "tcp://prod:2375")
    make_context(tmp_path, "stage", "tcp://stage:2375")
    use_context(tmp_path, "prod")
    spec = resolve(None, None, {"DOCKER_CONTEXT": "stage"}, tmp_path)
    assert spec.url == "tcp://stage:2375"
    assert "DOCKER_CONTEXT" in spec.origin


def test_the_current_context_is_used(tmp_path: Path) -> None:
    make_context(tmp_path, "prod", "ssh://ops@prod")
    use_context(tmp_path, "prod")
    spec = resolve(None, None, {}, tmp_path)
    assert (spec.url, spec.scheme, spec.host, spec.context) == ("ssh://ops@prod", "ssh", "prod", "prod")


def test_without_anything_it_is_the_default_socket(tmp_path: Path) -> None:
    spec = resolve(None, None, {}, tmp_path)
    assert (spec.url, spec.path, spec.origin) == (f"unix://{DEFAULT_SOCKET}", DEFAULT_SOCKET, "the default socket")


def test_a_broken_config_does_not_hide_the_default_socket(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text("{broken")
    assert resolve(None, None, {}, tmp_path).url == f"unix://{DEFAULT_SOCKET}"


def test_the_default_context_by_name_means_the_environment(tmp_path: Path) -> None:
    assert resolve(None, "default", {"DOCKER_HOST": "tcp://env"}, tmp_path).url == "tcp://env:2375"


def test_docker_config_moves_the_store(tmp_path: Path) -> None:
    make_context(tmp_path, "prod", "tcp://prod:2375")
    spec = resolve(None, "prod", {"DOCKER_CONFIG": str(tmp_path / ".docker")}, tmp_path / "elsewhere")
    assert spec.url == "tcp://prod:2375"


def test_rootless_where_the_default_socket_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contexts, "DEFAULT_SOCKET", str(tmp_path / "missing.sock"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "docker.sock"))
        spec = resolve(None, None, {"XDG_RUNTIME_DIR": str(tmp_path)}, tmp_path)
    assert spec.path == str(tmp_path / "docker.sock")
    assert spec.origin == "the rootless engine's socket"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("unix:///run/x.sock", "unix:///run/x.sock"),
        ("/run/x.sock", "unix:///run/x.sock"),
        ("unix://", f"unix://{DEFAULT_SOCKET}"),
        ("tcp://h", "tcp://h:2375"),
        ("h:99", "tcp://h:99"),
        ("http://h", "tcp://h:2375"),
        ("https://h", "tcp://h:2376"),
        ("tcp://[::1]", "tcp://[::1]:2375"),
        ("ssh://me@h:2222", "ssh://me@h:2222"),
    ],
)
def test_hosts_as_people_write_them(text: str, url: str, tmp_path: Path) -> None:
    assert resolve(text, None, {}, tmp_path).url == url


@pytest.mark.parametrize("text", ["npipe:////./pipe/docker", "tcp://", "tcp://h:port", "tcp://h:99999", "tcp://a b"])
def test_a_host_that_makes_no_sense_is_one_sentence(text: str, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"\A--host names .*\.\Z"):
        resolve(text, None, {}, tmp_path)


def test_tls_from_the_environment(tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).write_text("pem")
    env = {"DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
    spec = resolve(None, None, env, tmp_path)
    assert spec.url == "tcp://h:2376"
    assert spec.tls is not None
    assert (spec.tls.ca, spec.tls.cert, spec.tls.skip_verify) == (tmp_path / "ca.pem", tmp_path / "cert.pem", False)


def test_docker_tls_without_verify_trusts_any_server(tmp_path: Path) -> None:
    spec = resolve("tcp://h", None, {"DOCKER_TLS": "1"}, tmp_path)
    assert spec.tls is not None
    assert spec.tls.skip_verify


def test_tls_settings_do_not_touch_a_unix_socket(tmp_path: Path) -> None:
    assert resolve("unix:///x", None, {"DOCKER_TLS_VERIFY": "1"}, tmp_path).tls is None


def test_tls_of_a_context(tmp_path: Path) -> None:
    make_context(tmp_path, "prod", "tcp://prod", tls=("ca.pem",))
    spec = resolve(None, "prod", {}, tmp_path)
    assert spec.url == "tcp://prod:2376"
    assert spec.tls is not None
    assert spec.tls.ca is not None
    assert spec.tls.cert is None


def test_a_context_may_skip_verification(tmp_path: Path) -> None:
    make_context(tmp_path, "prod", "tcp://prod:2376", skip=True)
    spec = resolve(None, "prod", {}, tmp_path)
    assert spec.tls is not None
    assert spec.tls.skip_verify


def test_an_unknown_context_names_the_known_ones(tmp_path: Path) -> None:
    make_context(tmp_path, "prod", "tcp://prod:2375")
    with pytest.raises(Unreachable, match="no docker context 'nope'") as caught:
        resolve(None, "nope", {}, tmp_path)
    assert "prod" in caught.value.hint


def test_a_context_without_an_engine_is_refused(tmp_path: Path) -> None:
    make_context(tmp_path, "odd", "")
    with pytest.raises(Unreachable, match="names no Docker engine"):
        resolve(None, "odd", {}, tmp_path)


def test_the_list_of_contexts(tmp_path: Path) -> None:
    make_context(tmp_path, "prod", "tcp://prod:2375")
    make_context(tmp_path, "bad", "npipe:////./pipe/docker")
    use_context(tmp_path, "prod")
    default, bad, prod = list_contexts({}, tmp_path)
    assert (default.name, default.url, default.current) == ("default", f"unix://{DEFAULT_SOCKET}", False)
    assert bad.problem
    assert (prod.name, prod.url, prod.description, prod.current) == ("prod", "tcp://prod:2375", "about prod", True)
