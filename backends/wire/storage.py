"""Volumes, images, configs and secrets."""

from __future__ import annotations

from backends.model import Config, Image, Secret, Volume
from backends.wire import rfc3339
from backends.wire.common import Named, Version
from backends.wire.lenient import Many, One, StrList, StrMap, Wire


class _Usage(Wire):
    Size: int = -1


class _Volume(Wire):
    Name: str = ""
    Driver: str = "local"
    Mountpoint: str = ""
    CreatedAt: str = ""
    Scope: str = "local"
    Labels: StrMap = None
    Options: StrMap = None
    UsageData: _Usage | None = None


class _Volumes(Wire):
    Volumes: list[_Volume] | None = None


class _Image(Wire):
    Id: str = ""
    RepoTags: StrList = None
    RepoDigests: StrList = None
    Created: int = 0
    Size: int = 0
    Labels: StrMap = None


class _Spec(Wire):
    Name: str = ""
    Labels: StrMap = None
    Data: str = ""
    Driver: Named | None = None
    Templating: Named | None = None


class _Stored(Wire):
    ID: str = ""
    Version: Version | None = None
    CreatedAt: str = ""
    UpdatedAt: str = ""
    Spec: _Spec | None = None


_VOLUMES = One(_Volumes)
_IMAGES = Many(_Image)
_STORED = Many(_Stored)


def volumes(data: bytes, node_id: str) -> list[Volume]:
    """Volumes of one node (``GET /volumes``); raises ``BadAnswer``."""
    return [
        Volume(
            name=v.Name,
            node_id=node_id,
            driver=v.Driver,
            mountpoint=v.Mountpoint,
            scope=v.Scope,
            labels=v.Labels or {},
            options=v.Options or {},
            size=v.UsageData.Size if v.UsageData else -1,
            created=rfc3339.parse(v.CreatedAt),
        )
        for v in _VOLUMES.decode(data).Volumes or ()
        if v.Name
    ]


def images(data: bytes, node_id: str) -> list[Image]:
    """Images of one node (``GET /images/json``); raises ``BadAnswer``."""
    return [
        Image(
            image_id=i.Id,
            node_id=node_id,
            tags=tuple(t for t in i.RepoTags or () if t != "<none>:<none>"),
            digests=tuple(d for d in i.RepoDigests or () if d != "<none>@<none>"),
            size=i.Size,
            labels=i.Labels or {},
            created=float(i.Created) if i.Created else None,
        )
        for i in _IMAGES.decode(data)
        if i.Id
    ]


def _size(data: str) -> int:
    """How many bytes the base64 text ``data`` stands for."""
    return len(data) * 3 // 4 - data.count("=", -2)


def configs(data: bytes) -> list[Config]:
    """Configs without their content (``GET /configs``); raises ``BadAnswer``."""
    return [
        Config(
            id=c.ID,
            version=c.Version.Index if c.Version else 0,
            name=spec.Name,
            labels=spec.Labels or {},
            size=_size(spec.Data),
            templating=spec.Templating.Name if spec.Templating else "",
            created=rfc3339.parse(c.CreatedAt),
            updated=rfc3339.parse(c.UpdatedAt),
        )
        for c in _STORED.decode(data)
        if c.ID and (spec := c.Spec or _Spec())
    ]


def secrets(data: bytes) -> list[Secret]:
    """Secrets (``GET /secrets``); raises ``BadAnswer``."""
    return [
        Secret(
            id=s.ID,
            version=s.Version.Index if s.Version else 0,
            name=spec.Name,
            labels=spec.Labels or {},
            driver=spec.Driver.Name if spec.Driver else "",
            templating=spec.Templating.Name if spec.Templating else "",
            created=rfc3339.parse(s.CreatedAt),
            updated=rfc3339.parse(s.UpdatedAt),
        )
        for s in _STORED.decode(data)
        if s.ID and (spec := s.Spec or _Spec())
    ]
