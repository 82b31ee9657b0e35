"""``--mount``: one mount in the CLI's long form, to the engine's JSON and back (docker/cli ``opts/mount.go``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backends.change import numbers
from backends.change.csv_record import read_record, write_record
from backends.change.flag_error import BadValue, part_of_value
from backends.change.flags import ValueType
from backends.change.part import Spec, assign, sub

_BIND_RECURSIVE = {
    "enabled": "",
    "disabled": "NonRecursive",
    "writable": "ReadOnlyNonRecursive",
    "readonly": "ReadOnlyForceRecursive",
}
_OPTIONS = {"VolumeOptions": "volume", "ImageOptions": "image", "BindOptions": "bind", "TmpfsOptions": "tmpfs"}


def parse_mount(value: str) -> Spec:
    """The mount of a spec; relative sources stay as they are. Raises ``BadValue``."""
    mount: Spec = {"Type": "volume"}
    for field in read_record(value):
        with part_of_value(field):
            _read(mount, field)
    _check(mount)
    return {k: v for k, v in mount.items() if v not in ("", False)}


def _read(mount: Spec, field: str) -> None:
    key, given, text = field.partition("=")
    key = key.lower()
    if not given:
        if key not in ("readonly", "ro", "volume-nocopy", "bind-nonrecursive"):
            raise BadValue(f"invalid field '{field}' must be a key=value pair")
        text = "true"
    _put(mount, key, text, field)


def _put(mount: Spec, key: str, text: str, field: str) -> None:
    plain = {"source": "Source", "src": "Source", "target": "Target", "dst": "Target", "destination": "Target"}
    if key in plain:
        mount[plain[key]] = text
    elif key in ("type", "consistency"):
        mount[key.capitalize()] = text.lower()
    elif key in ("readonly", "ro"):
        mount["ReadOnly"] = _bool(key, text)
    elif key in _DETAILS:
        _DETAILS[key](mount, key, text)
    else:
        raise BadValue(f"unexpected key '{key}' in '{field}'")


def _bool(key: str, text: str) -> bool:
    try:
        return numbers.parse_bool(text)
    except BadValue:
        raise BadValue(f"invalid value for {key}: {text}") from None


def _volume(mount: Spec) -> Spec:
    """Any volume option makes the whole object, with its empty parts."""
    options = sub(mount, "VolumeOptions")
    options.setdefault("DriverConfig", {})
    return options


def _propagation(mount: Spec, _: str, text: str) -> None:
    assign(sub(mount, "BindOptions"), "Propagation", text.lower())


def _nonrecursive(mount: Spec, key: str, text: str) -> None:
    assign(sub(mount, "BindOptions"), "NonRecursive", _bool(key, text))


def _recursive(mount: Spec, key: str, text: str) -> None:
    if text not in _BIND_RECURSIVE:
        raise BadValue(f'invalid value for {key}: {text} (must be "enabled", "disabled", "writable", or "readonly")')
    if _BIND_RECURSIVE[text]:
        sub(mount, "BindOptions")[_BIND_RECURSIVE[text]] = True


def _subpath(mount: Spec, key: str, text: str) -> None:
    assign(_volume(mount) if key == "volume-subpath" else sub(mount, "ImageOptions"), "Subpath", text)


def _nocopy(mount: Spec, key: str, text: str) -> None:
    assign(_volume(mount), "NoCopy", _bool(key, text))


def _label(mount: Spec, _: str, text: str) -> None:
    name, _, value = text.partition("=")
    options = _volume(mount)
    if name:
        sub(options, "Labels")[name] = value


def _driver(mount: Spec, _: str, text: str) -> None:
    assign(_volume(mount)["DriverConfig"], "Name", text)


def _driver_option(mount: Spec, _: str, text: str) -> None:
    name, _, value = text.partition("=")
    driver = _volume(mount)["DriverConfig"]
    if name:
        sub(driver, "Options")[name] = value


def _tmpfs_size(mount: Spec, key: str, text: str) -> None:
    try:
        assign(sub(mount, "TmpfsOptions"), "SizeBytes", numbers.parse_size(text))
    except BadValue:
        raise BadValue(f"invalid value for {key}: {text}") from None


def _tmpfs_mode(mount: Spec, key: str, text: str) -> None:
    if not text or set(text) - set("01234567") or int(text, 8) >= 1 << 32:
        raise BadValue(f"invalid value for {key}: {text}")
    assign(sub(mount, "TmpfsOptions"), "Mode", int(text, 8))


_DETAILS: dict[str, Callable[[Spec, str, str], None]] = {
    "bind-propagation": _propagation,
    "bind-nonrecursive": _nonrecursive,
    "bind-recursive": _recursive,
    "volume-subpath": _subpath,
    "image-subpath": _subpath,
    "volume-nocopy": _nocopy,
    "volume-label": _label,
    "volume-driver": _driver,
    "volume-opt": _driver_option,
    "tmpfs-size": _tmpfs_size,
    "tmpfs-mode": _tmpfs_mode,
}
#: Keys of ``--mount``, for completion.
MOUNT_KEYS = ("type", "source", "target", "readonly", "consistency", *_DETAILS)
#: Types of mounts, for completion.
MOUNT_TYPES = ("volume", "bind", "tmpfs", "npipe", "cluster", "image")


def _check(mount: Spec) -> None:
    kind = mount["Type"]
    if not kind:
        raise BadValue("type is required")
    if not mount.get("Target"):
        raise BadValue("target is required")
    for key, name in _OPTIONS.items():
        if key in mount and kind != name:
            raise BadValue(f"cannot mix '{name}-*' options with mount type '{kind}'")
    bind = mount.get("BindOptions", {})
    for option, word in (("ReadOnlyNonRecursive", "writable"), ("ReadOnlyForceRecursive", "readonly")):
        if bind.get(option) and not mount.get("ReadOnly"):
            raise BadValue(f"option 'bind-recursive={word}' requires 'readonly' to be specified in conjunction")
    if bind.get("ReadOnlyForceRecursive") and bind.get("Propagation") != "rprivate":
        raise BadValue(
            "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction"
        )


def show_mount(mount: Any) -> str:
    """A mount of a spec in the CLI's long form, as far as the CLI can express it."""
    fields = [f"type={mount.get('Type', 'volume')}"]
    if mount.get("Source"):
        fields.append(f"source={mount['Source']}")
    fields.append(f"target={mount.get('Target', '')}")
    if mount.get("ReadOnly"):
        fields.append("readonly")
    if mount.get("Consistency"):
        fields.append(f"consistency={mount['Consistency']}")
    fields += _show_bind(mount.get("BindOptions") or {})
    fields += _show_volume(mount.get("VolumeOptions"))
    if (mount.get("ImageOptions") or {}).get("Subpath"):
        fields.append(f"image-subpath={mount['ImageOptions']['Subpath']}")
    tmpfs = mount.get("TmpfsOptions") or {}
    if tmpfs.get("SizeBytes"):
        fields.append(f"tmpfs-size={numbers.show_size(tmpfs['SizeBytes'])}")
    if tmpfs.get("Mode"):
        fields.append(f"tmpfs-mode={tmpfs['Mode']:o}")
    return write_record(fields)


def _show_bind(bind: Spec) -> list[str]:
    fields = [f"bind-propagation={bind['Propagation']}"] if bind.get("Propagation") else []
    return fields + [f"bind-recursive={word}" for word, option in _BIND_RECURSIVE.items() if bind.get(option)]


def _show_volume(volume: Spec | None) -> list[str]:
    if volume is None:
        return []
    driver = volume.get("DriverConfig") or {}
    fields = ["volume-nocopy"] if volume.get("NoCopy") else []
    if volume.get("Subpath"):
        fields.append(f"volume-subpath={volume['Subpath']}")
    fields += [f"volume-label={k}={v}" for k, v in (volume.get("Labels") or {}).items()]
    if driver.get("Name"):
        fields.append(f"volume-driver={driver['Name']}")
    return fields + [f"volume-opt={k}={v}" for k, v in (driver.get("Options") or {}).items()]


MOUNT = ValueType("mount", parse_mount, show_mount, "such as type=volume,source=data,target=/data")
