"""Engine JSON of all ages becomes the same model values, and what is broken costs only itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backends.errors import BadAnswer
from backends.model import Attachment, Mode, PublishedPort, ServiceNetwork, UpdateStatus, VirtualIP
from backends.wire import decode, rfc3339
from backends.wire.status import parse

NOW = 1_700_000_000.0


def dump(value: object) -> bytes:
    return json.dumps(value).encode()


CONTAINER: dict[str, Any] = {
    "Id": "a" * 64,
    "Names": ["/other/alias", "/web.1.x"],
    "Image": "web:1",
    "ImageID": "sha256:1",
    "Command": "sleep 1",
    "Created": 1_600_000_000,
    "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"}, {"PrivatePort": 53}],
    "Labels": {"com.docker.swarm.service.id": "s1", "com.docker.stack.namespace": "shop"},
    "State": "running",
    "Status": "Up 2 days (healthy)",
    "HostConfig": {"NetworkMode": "default"},
    "NetworkSettings": {
        "Networks": {
            "n": {"NetworkID": "N", "EndpointID": "E", "IPAddress": "10.0.0.2", "IPPrefixLen": 24, "Aliases": None}
        }
    },
    "Mounts": [{"Type": "volume", "Name": "v", "Source": "/s", "Destination": "/d", "RW": False}],
}


def test_container_listing() -> None:
    [c] = decode.containers(dump([CONTAINER]), "node", NOW)
    assert (c.name, c.node_id, c.state, c.health, c.stack, c.service_id) == (
        "web.1.x",
        "node",
        "running",
        "healthy",
        "shop",
        "s1",
    )
    assert c.started == NOW - 2 * 86400
    assert c.exit_code is None
    assert [(p.host_port, p.container_port, p.protocol) for p in c.ports] == [(8080, 80, "tcp"), (0, 53, "tcp")]
    assert c.networks == (Attachment(network="n", network_id="N", endpoint_id="E", ipv4="10.0.0.2", prefix=24),)
    assert c.mounts[0].read_only


def test_null_lists_and_maps_are_empty() -> None:
    bare = {"Id": "x", "Names": None, "Ports": None, "Labels": None, "NetworkSettings": None, "Mounts": None}
    [c] = decode.containers(dump([bare]), "", NOW)
    assert (c.id, c.name, c.labels, c.ports, c.networks, c.mounts) == ("x", "", {}, (), (), ())


@pytest.mark.parametrize("function", [decode.services, decode.tasks, decode.nodes, decode.configs, decode.secrets])
def test_a_null_listing_is_empty(function: Any) -> None:
    assert function(b"null") == []


def test_one_odd_object_costs_only_itself_and_one_odd_value_only_itself() -> None:
    odd = {
        **CONTAINER,
        "Id": "b",
        "Labels": {"a": 1, "b": None, "c": ["x"]},
        "Ports": [{"PrivatePort": "80"}, {"PrivatePort": {}}, 7],
        "Created": "soon",
        "State": None,
        "NetworkSettings": {"Networks": {"n": {"IPPrefixLen": "x", "IPAddress": "10.0.0.9"}, "m": None}},
    }
    found = decode.containers(dump([CONTAINER, 5, None, "x", {"Id": ""}, odd, CONTAINER]), "", NOW)
    assert [c.id[:1] for c in found] == ["a", "b", "a"]
    assert found[1].labels == {"a": "1", "b": ""}
    assert [p.container_port for p in found[1].ports] == [80, 0]
    assert found[1].created is None
    assert found[1].networks[0].ipv4 == "10.0.0.9"


@pytest.mark.parametrize("data", [b"", b"[", b'{"message":"x"}', b"[1,", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_listing_is_a_bad_answer(data: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode.containers(data, "", NOW)


def test_bytes_that_are_no_utf8_become_replacement_characters() -> None:
    [c] = decode.containers(b'[{"Id":"x","Image":"\xff\xfe!"}]', "", NOW)
    assert c.image.endswith("!")


def test_health_of_newer_engines_is_a_field_of_its_own() -> None:
    [c] = decode.containers(
        dump([{**CONTAINER, "Status": "Up 3 seconds", "Health": {"Status": "unhealthy", "FailingStreak": 3}}]), "", NOW
    )
    assert c.health == "unhealthy"


@pytest.mark.parametrize(
    ("words", "age", "health", "code"),
    [
        ("Up Less than a second", 0.0, "", None),
        ("Up 1 second (health: starting)", 1.0, "starting", None),
        ("Up About a minute (unhealthy)", 60.0, "unhealthy", None),
        ("Up About an hour (Paused)", 3600.0, "", None),
        ("Up 3 weeks", 3 * 7 * 86400.0, "", None),
        ("Exited (137) 3 minutes ago", 180.0, "", 137),
        ("Exited (0) 2 years ago", 2 * 365 * 86400.0, "", 0),
        ("Restarting (1) 4 seconds ago", 4.0, "", 1),
        ("Created", None, "", None),
        ("Removal In Progress", None, "", None),
        ("Dead", None, "", None),
        ("", None, "", None),
    ],
)
def test_status_words(words: str, age: float | None, health: str, code: int | None) -> None:
    assert parse(words) == (age, health, code)


def test_times() -> None:
    assert rfc3339.parse("2023-11-14T22:13:20.123456789Z") == pytest.approx(1_700_000_000.123456)
    assert rfc3339.parse("2023-11-15T00:13:20+02:00") == 1_700_000_000
    for none in ("0001-01-01T00:00:00Z", "", None, "soon", "9999-99-99T00:00:00Z"):
        assert rfc3339.parse(none) is None
    assert rfc3339.parse(rfc3339.render(1_700_000_000.5)) == 1_700_000_000.5


SERVICE: dict[str, Any] = {
    "ID": "s1",
    "Version": {"Index": 12},
    "CreatedAt": "2023-11-14T22:13:20Z",
    "Spec": {
        "Name": "web",
        "Labels": {"com.docker.stack.namespace": "shop"},
        "TaskTemplate": {
            "ContainerSpec": {
                "Image": "web:2@sha256:ab",
                "Env": ["A=1"],
                "Configs": [{"ConfigID": "c", "ConfigName": "conf", "File": {"Name": "/etc/x"}}],
                "Secrets": [{"SecretID": "p", "SecretName": "pw", "File": None}],
                "Privileges": {"NoNewPrivileges": True, "Seccomp": {"Mode": "default"}},
                "Healthcheck": {"Test": ["CMD", "x"], "Interval": 5_000_000_000},
            },
            "Resources": {"Limits": {"NanoCPUs": 500_000_000}, "Reservations": None},
            "Placement": {
                "Constraints": ["node.role==worker"],
                "Preferences": [{"Spread": {"SpreadDescriptor": "node.labels.zone"}}],
            },
            "Networks": [{"Target": "n1", "Aliases": ["w"]}],
            "ForceUpdate": 3,
        },
        "Networks": [{"Target": "old"}],
        "Mode": {"Replicated": {"Replicas": 3}},
        "UpdateConfig": {
            "Parallelism": 2,
            "Delay": 10_000_000_000,
            "FailureAction": "rollback",
            "Order": "start-first",
        },
        "EndpointSpec": {"Mode": "vip", "Ports": [{"TargetPort": 80}]},
    },
    "PreviousSpec": {"TaskTemplate": {"ContainerSpec": {"Image": "web:1"}}},
    "Endpoint": {
        "Ports": [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 30001, "PublishMode": "ingress"}],
        "VirtualIPs": [{"NetworkID": "n1", "Addr": "10.0.9.2/24"}],
    },
    "UpdateStatus": {"State": "updating", "StartedAt": "2023-11-14T22:13:20Z", "Message": "update in progress"},
    "ServiceStatus": {"RunningTasks": 2, "DesiredTasks": 3, "CompletedTasks": 0},
}


def test_service() -> None:
    [s] = decode.services(dump([SERVICE]))
    assert (s.name, s.version, s.image, s.previous_image, s.force_update) == ("web", 12, "web:2@sha256:ab", "web:1", 3)
    assert (s.mode, s.replicas, s.running, s.desired, s.has_counts) == (Mode.REPLICATED, 3, 2, 3, True)
    assert s.networks == (ServiceNetwork(target="n1", aliases=("w",)),)
    assert s.ports == (PublishedPort(target=80, published=30001),)
    assert s.virtual_ips == (VirtualIP(network_id="n1", address="10.0.9.2/24"),)
    assert s.configs == (("conf", "/etc/x"),)
    assert s.secrets == (("pw", ""),)
    assert s.preferences == ("node.labels.zone",)
    assert s.resources.limit_cpu == 500_000_000
    assert s.update_config is not None
    assert (s.update_config.delay, s.update_config.order) == (10.0, "start-first")
    assert s.update == UpdateStatus(state="updating", started=1_700_000_000.0, message="update in progress")
    assert s.created == 1_700_000_000.0


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ({"Replicated": {}}, (Mode.REPLICATED, 1)),
        ({"Replicated": {"Replicas": 0}}, (Mode.REPLICATED, 0)),
        ({"Global": {}}, (Mode.GLOBAL, None)),
        ({"ReplicatedJob": {"MaxConcurrent": 2}}, (Mode.REPLICATED_JOB, 2)),
        ({"ReplicatedJob": {"MaxConcurrent": 2, "TotalCompletions": 5}}, (Mode.REPLICATED_JOB, 5)),
        ({"GlobalJob": {}}, (Mode.GLOBAL_JOB, None)),
        (None, (Mode.REPLICATED, 1)),
    ],
)
def test_service_modes(mode: object, expected: object) -> None:
    [s] = decode.services(dump([{"ID": "s", "Spec": {"Mode": mode}}]))
    assert (s.mode, s.replicas) == expected


def test_old_specs_keep_networks_beside_the_task_template_and_ports_only_in_the_spec() -> None:
    [s] = decode.services(
        dump(
            [
                {
                    "ID": "s",
                    "Spec": {
                        "Networks": [{"Target": "old"}],
                        "TaskTemplate": {"Networks": None},
                        "EndpointSpec": {"Mode": "dnsrr", "Ports": [{"TargetPort": 9, "PublishMode": "host"}]},
                    },
                    "Endpoint": {"Spec": {}},
                }
            ]
        )
    )
    assert [n.target for n in s.networks] == ["old"]
    assert [(p.target, p.mode) for p in s.ports] == [(9, "host")]
    assert s.endpoint_mode == "dnsrr"
    assert not s.has_counts


def test_tasks() -> None:
    error = 'OCI runtime create failed: exec: "/app/worker": permission denied: unknown'
    running, failed, attached = decode.tasks(
        dump(
            [
                {
                    "ID": "t1",
                    "Slot": 1,
                    "Status": {
                        "State": "running",
                        "Timestamp": "2023-11-14T22:13:20Z",
                        "ContainerStatus": {"ContainerID": "c1", "PID": 9, "ExitCode": 0},
                    },
                    "NetworksAttachments": [
                        {"Network": {"ID": "n", "Spec": {"Name": "net"}}, "Addresses": ["10.0.0.5/24"]},
                        {"Network": None},
                    ],
                },
                {
                    "ID": "t2",
                    "Status": {
                        "State": "failed",
                        "Err": error,
                        "ContainerStatus": {"ContainerID": "c2", "ExitCode": 126},
                    },
                    "Spec": {"ContainerSpec": {"Image": "w:1"}},
                },
                {"ID": "t3", "Spec": {"NetworkAttachmentSpec": {"ContainerID": "c3"}}},
            ]
        )
    )
    assert (running.exit_code, running.pid, running.since) == (None, 9, 1_700_000_000.0)
    assert running.networks[0].addresses == ("10.0.0.5/24",)
    assert (failed.exit_code, failed.error, failed.image, failed.failed) == (126, error, "w:1", True)
    assert (attached.service_id, attached.container_id) == ("", "c3")


def test_nodes() -> None:
    manager, worker = decode.nodes(
        dump(
            [
                {
                    "ID": "m",
                    "Spec": {"Role": "manager", "Availability": "drain"},
                    "Description": {"Hostname": "manager-1", "Engine": {"EngineVersion": "28.5.2", "Plugins": None}},
                    "Status": {"State": "ready", "Addr": "0.0.0.0"},
                    "ManagerStatus": {"Leader": True, "Reachability": "reachable", "Addr": "10.0.0.1:2377"},
                },
                {"ID": "w", "Status": {"State": "down", "Message": "heartbeat failure", "Addr": "10.0.0.2"}},
            ]
        )
    )
    assert (manager.name, manager.address, manager.is_leader, manager.takes_tasks) == (
        "manager-1",
        "10.0.0.1",
        True,
        False,
    )
    assert (worker.role, worker.address, worker.message, worker.manager) == (
        "worker",
        "10.0.0.2",
        "heartbeat failure",
        None,
    )


NETWORK: dict[str, Any] = {
    "Id": "n1",
    "Name": "net",
    "Scope": "swarm",
    "Driver": "overlay",
    "Attachable": True,
    "IPAM": {"Driver": "default", "Options": None, "Config": [{"Subnet": "10.0.9.0/24", "Gateway": "10.0.9.1"}]},
    "Containers": {
        "c" * 64: {"Name": "web.1", "EndpointID": "E", "IPv4Address": "10.0.9.5/24"},
        "lb-net": {"Name": "net-endpoint", "IPv4Address": "10.0.9.7/24"},
        "ep-1234": {"Name": "gone", "IPv4Address": "10.0.9.8/24"},
    },
    "Options": None,
    "Labels": None,
    "Peers": [{"Name": "p", "IP": "10.20.0.11"}],
}


def test_network_inspected() -> None:
    n = decode.network(dump(NETWORK), "node")
    assert (n.node_id, n.inspected, n.subnets, n.peers[0].address) == ("", True, ("10.0.9.0/24",), "10.20.0.11")
    assert [(e.container_id[:1], e.name, e.node_id) for e in n.endpoints] == [
        ("c", "web.1", "node"),
        ("", "lb-net", "node"),
        ("", "gone", "node"),
    ]


def test_local_networks_belong_to_their_node_and_ipam_without_config_is_empty() -> None:
    local, unallocated = decode.networks(
        dump(
            [
                {"Id": "b", "Scope": "local", "IPAM": {"Config": []}},
                {"Id": "o", "Scope": "swarm", "IPAM": {"Config": None}},
            ]
        ),
        "node",
    )
    assert (local.node_id, local.inspected) == ("node", False)
    assert (unallocated.node_id, unallocated.subnets) == ("", ())


def test_storage() -> None:
    [v] = decode.volumes(dump({"Volumes": [{"Name": "v", "CreatedAt": "2023-11-14T22:13:20Z"}], "Warnings": None}), "n")
    assert (v.id, v.size, v.created) == ("n/v", -1, 1_700_000_000.0)
    assert decode.volumes(b'{"Volumes":null}', "n") == []
    [i] = decode.images(dump([{"Id": "sha256:1", "RepoTags": ["<none>:<none>"], "RepoDigests": ["a@sha256:1"]}]), "n")
    assert (i.tags, i.name) == ((), "a@sha256:1")
    [c] = decode.configs(dump([{"ID": "c", "Spec": {"Name": "conf", "Data": "aGVsbG8="}}]))
    assert (c.name, c.size) == ("conf", 5)
    [s] = decode.secrets(dump([{"ID": "s", "Spec": {"Name": "pw", "Driver": {"Name": "vault"}}}]))
    assert (s.name, s.driver) == ("pw", "vault")


def test_swarm_without_readable_certificate() -> None:
    s = decode.swarm(
        dump(
            {
                "ID": "sw",
                "Spec": {
                    "Orchestration": {"TaskHistoryRetentionLimit": 0},
                    "Dispatcher": {"HeartbeatPeriod": 5_000_000_000},
                    "EncryptionConfig": {"AutoLockManagers": True},
                },
                "TLSInfo": {"TrustRoot": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"},
                "JoinTokens": {"Worker": "SWMTKN-1-x"},
            }
        )
    )
    assert (s.task_history, s.heartbeat, s.autolock, s.ca_expires) == (0, 5.0, True, None)
    assert "SWMTKN" not in repr(s)


def test_engine_info_of_a_plain_and_of_a_locked_engine() -> None:
    plain = decode.engine_info(
        dump(
            {
                "Name": "box",
                "SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless"],
                "Swarm": {"LocalNodeState": "inactive", "RemoteManagers": None},
                "RegistryConfig": {"IndexConfigs": {"r:5000": {"Secure": False}, "docker.io": {"Secure": True}}},
                "ContainerdCommit": {"ID": "abc"},
            }
        ),
        dump({"ApiVersion": "1.41", "Components": [{"Name": "containerd", "Version": "1.6"}]}),
    )
    assert (plain.name, plain.api_version, plain.rootless, plain.containerd) == ("box", "1.41", True, "1.6")
    assert plain.insecure_registries == ("r:5000",)
    assert plain.swarm.state == "inactive"
    worker = decode.engine_info(
        dump(
            {"Swarm": {"NodeID": "n", "LocalNodeState": "active", "RemoteManagers": [{"NodeID": "m", "Addr": "a:1"}]}}
        ),
        b"",
    )
    assert worker.swarm.remote_managers == (("m", "a:1"),)
    assert not worker.swarm.control_available


def test_events() -> None:
    line = {
        "Type": "container",
        "Action": "exec_create: sh -c x",
        "Actor": {"ID": "c", "Attributes": {"name": "web.1"}},
        "scope": "local",
        "time": 1_700_000_000,
        "timeNano": 1_700_000_000_123_456_789,
    }
    first, second = decode.events(dump(line) + b"\n\n" + dump({**line, "Actor": {"Attributes": None}}) + b"\n", "n")
    assert (first.name, first.action, first.time_nano, first.node_id) == (
        "web.1",
        "exec_create: sh -c x",
        1_700_000_000_123_456_789,
        "n",
    )
    assert second.attributes == {}


def test_a_malformed_event_line_is_a_bad_answer_but_an_odd_attribute_is_not() -> None:
    [event] = decode.events(b'{"Type":"x","Actor":{"ID":1,"Attributes":{"a":2}}}\n', "")
    assert (event.id, event.attributes) == ("1", {"a": "2"})
    with pytest.raises(BadAnswer):
        decode.events(b'{"Type":"x"}\n{"Type":\n', "")


def test_container_detail() -> None:
    d = decode.container_detail(
        {
            "Id": "c",
            "Name": "/web",
            "State": {
                "Status": "running",
                "Pid": 42,
                "StartedAt": "2023-11-14T22:13:20Z",
                "FinishedAt": "0001-01-01T00:00:00Z",
                "Health": {"Status": "unhealthy", "FailingStreak": 2, "Log": [{"ExitCode": 1, "Output": "no"}]},
            },
            "Config": {"User": "", "WorkingDir": "/srv", "Env": ["A=1"], "Entrypoint": None, "Cmd": ["httpd"]},
            "HostConfig": {
                "PidsLimit": None,
                "RestartPolicy": {"Name": "no"},
                "LogConfig": {"Type": "json-file", "Config": {}},
            },
            "NetworkSettings": {"SandboxID": "sb", "SandboxKey": "/var/run/docker/netns/sb", "Networks": None},
            "Mounts": None,
        }
    )
    assert (d.name, d.pid, d.running, d.sandbox_id, d.exit_code) == ("web", 42, True, "sb", None)
    assert (d.health, d.health_log[0].output, d.finished) == ("unhealthy", "no", None)
    with pytest.raises(BadAnswer):
        decode.container_detail([])
