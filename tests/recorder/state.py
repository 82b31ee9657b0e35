"""The services that lines of ``update`` are tried on."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

#: Files that lines name.
FILES = {
    "ENVFILE": "# comment\nA=1\nB=from file\n\nFROM_ENV\n",
    "FILE": "hello",
    "env": "FROM_ENV=yes",
    "e.env": "A=envfile\nFROM=envfile\nUNSET\n  # x\n  C= spaced \n",
    "BAD.env": "A=1\nB C=2\n",
    "BOM.env": "\ufeffA=bom\r\nB=2\r\n",
    "SPACE.env": "   \n\t\nA=1\n=x\n",
    "EMPTY": "",
    "cert.pem": "-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n",
    "key.pem": "-----BEGIN EC PRIVATE KEY-----\nMAo=\n-----END EC PRIVATE KEY-----\n",
}
DIGEST = "sha256:" + "a1" * 32

_PORT = {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"}
RICH: dict[str, Any] = {
    "Name": "web",
    "Labels": {"tier": "front", "a": "b"},
    "TaskTemplate": {
        "ContainerSpec": {
            "Image": f"web:1@{DIGEST}",
            "Labels": {"build": "7"},
            "Command": ["/entry", "-x"],
            "Args": ["serve"],
            "Hostname": "h",
            "Env": ["B=2", "A=1", "FROM_ENV", "B=3", "EMPTY="],
            "Dir": "/srv",
            "User": "1000",
            "Groups": ["video", "44"],
            "Init": True,
            "TTY": True,
            "ReadOnly": True,
            "StopSignal": "SIGINT",
            "StopGracePeriod": 10000000000,
            "Mounts": [
                {"Type": "tmpfs", "Target": "/tmp", "TmpfsOptions": {"SizeBytes": 1048576}},
                {"Type": "bind", "Source": "/s", "Target": "/t", "BindOptions": {"Propagation": "rprivate"}},
                {"Type": "volume", "Source": "zdata", "Target": "/data", "VolumeOptions": {"Labels": {"a": "b"}}},
            ],
            "Healthcheck": {"Test": ["CMD", "true", "x"], "Interval": 5000000000, "Retries": 2},
            "Hosts": ["10.0.0.7 db db2", "1.1.1.1 x", "10.0.0.8 db", "::1 six"],
            "DNSConfig": {"Nameservers": ["10.0.0.53"], "Search": ["example.test"], "Options": ["rotate", "ndots:2"]},
            "Secrets": [
                {
                    "File": {"Name": "web_key", "UID": "0", "GID": "0", "Mode": 292},
                    "SecretID": "sid-web_key",
                    "SecretName": "web_key",
                },
                {
                    "File": {"Name": "p", "UID": "1", "GID": "2", "Mode": 256},
                    "SecretID": "sid-db_pass",
                    "SecretName": "db_pass",
                },
            ],
            "Configs": [
                {
                    "File": {"Name": "/n.conf", "UID": "0", "GID": "0", "Mode": 292},
                    "ConfigID": "cid-nginx",
                    "ConfigName": "nginx",
                },
                {"Runtime": {}, "ConfigID": "cid-old", "ConfigName": "old"},
            ],
            "Privileges": {
                "CredentialSpec": {"Config": "cid-old", "File": "", "Registry": ""},
                "SELinuxContext": None,
                "NoNewPrivileges": True,
                "Seccomp": {"Mode": "unconfined"},
            },
            "Sysctls": {"net.core.somaxconn": "1024", "a": "b"},
            "CapabilityAdd": ["CAP_NET_ADMIN", "CAP_SYS_TIME"],
            "CapabilityDrop": ["CAP_CHOWN"],
            "Ulimits": [{"Name": "core", "Hard": 0, "Soft": 0}, {"Name": "nofile", "Hard": 1024, "Soft": 1024}],
            "Isolation": "default",
            "OomScoreAdj": 100,
        },
        "Resources": {
            "Limits": {"NanoCPUs": 500000000, "MemoryBytes": 536870912, "Pids": 10},
            "Reservations": {
                "MemoryBytes": 67108864,
                "GenericResources": [
                    {"DiscreteResourceSpec": {"Kind": "ssd", "Value": 1}},
                    {"DiscreteResourceSpec": {"Kind": "gpu", "Value": 2}},
                ],
            },
        },
        "RestartPolicy": {"Condition": "on-failure", "Delay": 1000000000, "MaxAttempts": 3, "Window": 5000000000},
        "Placement": {
            "Constraints": ["node.role==worker", "node.labels.a==b"],
            "Preferences": [
                {"Spread": {"SpreadDescriptor": "node.labels.zone"}},
                {"Spread": {"SpreadDescriptor": "node.labels.rack"}},
            ],
            "MaxReplicas": 2,
            "Platforms": [{"Architecture": "amd64", "OS": "linux"}],
        },
        "Networks": [{"Target": "nid-front", "Aliases": ["www"], "DriverOpts": {"a": "b"}}, {"Target": "nid-back"}],
        "LogDriver": {"Name": "json-file", "Options": {"max-size": "1m"}},
        "ForceUpdate": 7,
        "Runtime": "container",
    },
    "Mode": {"Replicated": {"Replicas": 2}},
    "UpdateConfig": {
        "Parallelism": 2,
        "Delay": 5000000000,
        "FailureAction": "rollback",
        "Monitor": 7000000000,
        "MaxFailureRatio": 0.25,
        "Order": "start-first",
    },
    "RollbackConfig": {"Parallelism": 0, "FailureAction": "continue", "MaxFailureRatio": 0, "Order": "stop-first"},
    "EndpointSpec": {
        "Mode": "vip",
        "Ports": [
            _PORT,
            {**_PORT, "Protocol": "udp"},
            {**_PORT, "TargetPort": 81, "PublishedPort": 8081, "PublishMode": "host"},
            {"Protocol": "tcp", "TargetPort": 443, "PublishMode": "ingress"},
            {**_PORT, "PublishedPort": 9090},
        ],
    },
}
BARE: dict[str, Any] = {
    "Name": "web",
    "Labels": {},
    "TaskTemplate": {
        "ContainerSpec": {"Image": "web:1", "Init": False, "DNSConfig": {}, "Isolation": "default"},
        "Resources": {"Limits": {}, "Reservations": {}},
        "Placement": {},
        "ForceUpdate": 0,
        "Runtime": "container",
    },
    "Mode": {"Replicated": {"Replicas": 1}},
    "EndpointSpec": {"Mode": "vip"},
}
#: As another client may have made it: nothing that may be left out.
SPARSE: dict[str, Any] = {
    "Name": "web",
    "Labels": None,
    "TaskTemplate": {"ContainerSpec": {"Image": "web:1"}, "ForceUpdate": 0},
    "Mode": {"Global": {}},
}


def _old() -> dict[str, Any]:
    """Networks outside the task template, a job's shape aside; everything dropped and nothing added."""
    spec = copy.deepcopy(BARE)
    spec["Networks"] = [{"Target": "nid-front"}]
    spec["TaskTemplate"]["ContainerSpec"] |= {
        "CapabilityDrop": ["ALL"],
        "Healthcheck": {"Test": ["NONE"]},
        "Hosts": ["1.1.1.1"],
        "Mounts": [
            {"Type": "volume", "Target": "/anonymous"},
            {"Type": "volume", "Source": "a", "Target": "/a"},
            {"Type": "volume", "Source": "b", "Target": "/b"},
        ],
        "Privileges": {
            "CredentialSpec": {"Config": "", "File": "c.json", "Registry": ""},
            "SELinuxContext": None,
            "NoNewPrivileges": False,
        },
    }
    spec["TaskTemplate"]["RestartPolicy"] = {"Condition": "none"}
    spec["TaskTemplate"]["Resources"] = {}
    spec["EndpointSpec"] = {}
    spec["UpdateConfig"] = {"Parallelism": 0, "MaxFailureRatio": 0, "Order": ""}
    return spec


def _job(mode: dict[str, Any]) -> dict[str, Any]:
    spec = copy.deepcopy(BARE)
    spec["Mode"] = mode
    del spec["EndpointSpec"]
    return spec


BEFORES: list[dict[str, Any]] = [
    RICH,
    BARE,
    SPARSE,
    _old(),
    _job({"ReplicatedJob": {"MaxConcurrent": 2, "TotalCompletions": 5}}),
    _job({"GlobalJob": {}}),
]


def write_files(folder: Path) -> None:
    """Puts ``FILES`` into a folder."""
    for name, content in FILES.items():
        Path(folder, name).write_text(content, newline="")
