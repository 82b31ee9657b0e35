"""Fields that the engine's API version would drop in silence.

The CLI gates most flags itself; these it does not. Versions are those of the Engine API's version history.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backends.change.finding import Finding, error
from backends.change.flags import FlagTable
from backends.change.options import Options
from backends.change.part import Spec, reach
from backends.change.surroundings import newer

#: (option of ``--mount``, path in the mount, API version that brings it).
_MOUNT_FIELDS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("volume-subpath", ("VolumeOptions", "Subpath"), "1.45"),
    ("image-subpath", ("ImageOptions", "Subpath"), "1.48"),
    ("bind-recursive=disabled", ("BindOptions", "NonRecursive"), "1.40"),
    ("bind-recursive=writable", ("BindOptions", "ReadOnlyNonRecursive"), "1.44"),
    ("bind-recursive=readonly", ("BindOptions", "ReadOnlyForceRecursive"), "1.44"),
)
#: Values that are newer than their flag: an older engine would run a job as a service.
_VALUES = {
    ("mode", "replicated-job"): "1.41",
    ("mode", "global-job"): "1.41",
}
_MOUNT_TYPES = {"cluster": "1.42", "image": "1.48"}
_BUT = "but the Docker daemon API version is"


def check_flags(options: Options, table: FlagTable, api_version: str) -> Iterator[Finding]:
    """Flags that are newer than the engine and that the CLI sends all the same."""
    for name in options:
        flag = table[name]
        for since in (flag.since, flag.real_since):
            if newer(since, api_version):
                sentence = f'"--{name}" requires API version {since}, {_BUT} {api_version}'
                yield error(sentence, name, "leave it out, or use a newer engine")
    for (name, value), since in _VALUES.items():
        if options.text(name) == value and newer(since, api_version):
            sentence = f'"--{name} {value}" requires API version {since}, {_BUT} {api_version}'
            yield error(sentence, name, "another one, or a newer engine")


def check_mounts(mounts: Any, api_version: str, flag: str = "mount") -> Iterator[Finding]:
    """Mounts with parts that an older engine drops: it would mount the whole volume instead of a part of it."""
    for mount in mounts or ():
        yield from _mount(mount, api_version, flag)


def _mount(mount: Spec, api_version: str, flag: str) -> Iterator[Finding]:
    kind = str(mount.get("Type", ""))
    if newer(_MOUNT_TYPES.get(kind, "1.24"), api_version):
        sentence = f'"type={kind}" requires API version {_MOUNT_TYPES[kind]}, {_BUT} {api_version}'
        yield error(sentence, flag, "another type of mount, or a newer engine")
    for option, path, since in _MOUNT_FIELDS:
        if reach(mount, *path) and newer(since, api_version):
            sentence = f'"{option}" requires API version {since}, {_BUT} {api_version}'
            yield error(sentence, flag, "leave it out, or use a newer engine")
