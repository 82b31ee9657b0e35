"""The Swarm itself: ``GET /swarm``."""

from __future__ import annotations

import base64
import textwrap
from datetime import UTC, datetime

from backends.fake.bus import Obj
from backends.fake.ids import hex_id, swarm_id
from backends.fake.world import World

#: A self-signed certificate, made once for this and good for nothing else; only its two times are replaced.
_CERTIFICATE = base64.b64decode(
    "MIIBfDCCASGgAwIBAgIUBLl3A1ox/UdaP1/VhhnewNgsckAwCgYIKoZIzj0EAwIwEzERMA8GA1UEAwwIc3dhcm0tY2EwHhcN"
    "MjYxMTI0MTAzODQ5WhcNMzYxMTIxMTAzODQ5WjATMREwDwYDVQQDDAhzd2FybS1jYTBZMBMGByqGSM49AgEGCCqGSM49AwEH"
    "A0IABGglFqo97t4s/7GbV8cRByzDbop/cFzsTuiMzdBUKVbcyx9fWjZ8Tfl3yNbTXRQF4xXSPGSttxXrgmURKzk75KOjUzBR"
    "MB0GA1UdDgQWBBTarlQzQ0Otb3LYmWcKjA+MqvV6MjAfBgNVHSMEGDAWgBTarlQzQ0Otb3LYmWcKjA+MqvV6MjAPBgNVHRMB"
    "Af8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDpZuAJELyGtSINmWnFvAdmLGVK8dVw7/UvQMz4KhNJUQIhAIVHYTCKNq55"
    "lWBKNC8g68ym7AX5VPIpd7p5odK2zT7H"
)
_TIMES = (b"261124103849Z", b"361121103849Z")


def _root_certificate(since: float, until: float) -> str:
    der = _CERTIFICATE
    for old, new in zip(_TIMES, (since, until), strict=True):
        der = der.replace(old, datetime.fromtimestamp(new, UTC).strftime("%y%m%d%H%M%SZ").encode())
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def add_cluster(world: World, name: str, *, age: float = 41 * 86400.0, autolock: bool = False) -> Obj:
    """Makes the world a Swarm whose root certificate ends in 61 days."""
    trust = _root_certificate(world.now() - age, world.now() + 61 * 86400.0 + 3600)
    made: Obj = {
        "ID": swarm_id(f"cluster/{name}"),
        "Version": {"Index": world.next_index()},
        "CreatedAt": world.stamp(age),
        "UpdatedAt": world.stamp(age / 3),
        "Spec": {
            "Name": "default",
            "Labels": {},
            "Orchestration": {"TaskHistoryRetentionLimit": 5},
            "Raft": {
                "SnapshotInterval": 10000,
                "KeepOldSnapshots": 0,
                "LogEntriesForSlowFollowers": 500,
                "ElectionTick": 10,
                "HeartbeatTick": 1,
            },
            "Dispatcher": {"HeartbeatPeriod": 5_000_000_000},
            "CAConfig": {"NodeCertExpiry": 7_776_000_000_000_000},
            "TaskDefaults": {},
            "EncryptionConfig": {"AutoLockManagers": autolock},
        },
        "TLSInfo": {"TrustRoot": trust, "CertIssuerSubject": "MBMxETAP", "CertIssuerPublicKey": "MFkwEwYH"},
        "RootRotationInProgress": False,
        "DefaultAddrPool": ["10.0.0.0/8"],
        "SubnetSize": 24,
        "DataPathPort": 4789,
        "JoinTokens": join_tokens(name),
    }
    world.cluster = made
    return made


def join_tokens(seed: str) -> Obj:
    """Two tokens of the right form that let nobody in anywhere."""
    digest = hex_id(f"ca/{seed}", length=50)
    return {role: f"SWMTKN-1-{digest}-{swarm_id(f'{role}/{seed}')}" for role in ("Worker", "Manager")}
