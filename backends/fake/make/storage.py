"""Volumes, images, configs and secrets."""

from __future__ import annotations

import base64

from backends.fake.bus import Obj
from backends.fake.ids import hex_id, swarm_id
from backends.fake.world import Host, World


def add_volume(
    world: World,
    host: Host,
    name: str,
    *,
    age: float = 0.0,
    labels: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
    driver: str = "local",
) -> Obj:
    """A volume of one machine."""
    volume: Obj = {
        "CreatedAt": world.stamp(age).partition(".")[0] + "Z",
        "Driver": driver,
        "Labels": labels,
        "Mountpoint": f"{host.info.get('DockerRootDir', '/var/lib/docker')}/volumes/{name}/_data",
        "Name": name,
        "Options": options,
        "Scope": "local",
    }
    host.volumes[name] = volume
    world.touch("volume", name)
    return volume


def add_image(world: World, host: Host, tag: str, *, mebibytes: int = 120, age: float = 60 * 86400.0) -> Obj:
    """An image of one machine; an empty tag makes a dangling one."""
    key = "sha256:" + hex_id(f"image/{tag or len(host.images)}")
    repository = tag.rpartition(":")[0]
    image: Obj = {
        "Containers": -1,
        "Created": int(world.now() - age),
        "Id": key,
        "Labels": None,
        "ParentId": "",
        "RepoDigests": [f"{repository}@sha256:{hex_id(f'digest/{tag}')}"] if tag else [],
        "RepoTags": [tag] if tag else [],
        "SharedSize": -1,
        "Size": mebibytes << 20,
    }
    host.images[key] = image
    world.touch("image", key)
    return image


def add_config(
    world: World, name: str, data: str, *, stack: str = "", age: float = 0.0, labels: dict[str, str] | None = None
) -> Obj:
    """A config of the Swarm."""
    return _add_stored(world, "config", name, stack, age, labels, {"Data": base64.b64encode(data.encode()).decode()})


def add_secret(
    world: World, name: str, *, stack: str = "", age: float = 0.0, labels: dict[str, str] | None = None
) -> Obj:
    """A secret of the Swarm; like the engine, it never tells its data."""
    return _add_stored(world, "secret", name, stack, age, labels, {})


def _add_stored(
    world: World, kind: str, name: str, stack: str, age: float, labels: dict[str, str] | None, more: Obj
) -> Obj:
    key = swarm_id(f"{kind}/{name}")
    stored: Obj = {
        "ID": key,
        "Version": {"Index": world.next_index()},
        "CreatedAt": world.stamp(age),
        "UpdatedAt": world.stamp(age),
        "Spec": {
            "Name": name,
            "Labels": {**({"com.docker.stack.namespace": stack} if stack else {}), **(labels or {})},
            **more,
        },
    }
    world.table(kind)[key] = stored
    world.touch(kind, key)
    return stored


def config_ref(config: Obj, path: str) -> Obj:
    """How a service names a config."""
    return {
        "File": {"Name": path, "UID": "0", "GID": "0", "Mode": 292},
        "ConfigID": config["ID"],
        "ConfigName": config["Spec"]["Name"],
    }


def secret_ref(secret: Obj, name: str = "") -> Obj:
    """How a service names a secret; ``name`` is its file under /run/secrets."""
    return {
        "File": {"Name": name or secret["Spec"]["Name"], "UID": "0", "GID": "0", "Mode": 292},
        "SecretID": secret["ID"],
        "SecretName": secret["Spec"]["Name"],
    }


def volume_mount(name: str, target: str) -> Obj:
    """A mount of a volume in a service spec."""
    return {"Type": "volume", "Source": name, "Target": target}
