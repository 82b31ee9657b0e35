"""The Swarm's own settings: ``GET /swarm``."""

from __future__ import annotations

import ssl

from backends.model import Swarm
from backends.wire import rfc3339
from backends.wire.common import Version, seconds
from backends.wire.lenient import One, StrList, Wire


class _Orchestration(Wire):
    TaskHistoryRetentionLimit: int | None = None


class _Dispatcher(Wire):
    HeartbeatPeriod: int = 5_000_000_000


class _CA(Wire):
    NodeCertExpiry: int = 0


class _Encryption(Wire):
    AutoLockManagers: bool = False


class _Spec(Wire):
    Orchestration: _Orchestration | None = None
    Dispatcher: _Dispatcher | None = None
    CAConfig: _CA | None = None
    EncryptionConfig: _Encryption | None = None


class _TLS(Wire):
    TrustRoot: str = ""


class _Swarm(Wire):
    ID: str = ""
    Version: Version | None = None
    CreatedAt: str = ""
    UpdatedAt: str = ""
    Spec: _Spec | None = None
    TLSInfo: _TLS | None = None
    RootRotationInProgress: bool = False
    DefaultAddrPool: StrList = None
    SubnetSize: int = 0
    DataPathPort: int = 0


_SWARM = One(_Swarm)


def _expires(pem: str) -> float | None:
    """When the root certificate ends; ``None`` where it cannot be read."""
    if not pem:
        return None
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=pem)
        ends = [c["notAfter"] for c in context.get_ca_certs() if isinstance(c.get("notAfter"), str)]
        return min((float(ssl.cert_time_to_seconds(str(e))) for e in ends), default=None)
    except (ssl.SSLError, ValueError):
        return None


def swarm(data: bytes) -> Swarm:
    """The Swarm's settings, join tokens left out; raises ``BadAnswer``."""
    s = _SWARM.decode(data)
    spec = s.Spec or _Spec()
    limit = spec.Orchestration.TaskHistoryRetentionLimit if spec.Orchestration else None
    return Swarm(
        id=s.ID,
        version=s.Version.Index if s.Version else 0,
        created=rfc3339.parse(s.CreatedAt),
        updated=rfc3339.parse(s.UpdatedAt),
        default_pools=tuple(s.DefaultAddrPool or ()),
        subnet_size=s.SubnetSize or 24,
        data_path_port=s.DataPathPort or 4789,
        task_history=5 if limit is None else limit,
        heartbeat=seconds(spec.Dispatcher.HeartbeatPeriod) if spec.Dispatcher else 5.0,
        cert_expiry=seconds(spec.CAConfig.NodeCertExpiry) if spec.CAConfig else 0.0,
        autolock=bool(spec.EncryptionConfig and spec.EncryptionConfig.AutoLockManagers),
        root_rotation=s.RootRotationInProgress,
        ca_expires=_expires(s.TLSInfo.TrustRoot if s.TLSInfo else ""),
    )
