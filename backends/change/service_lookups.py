"""What ``docker service`` asks before it writes: IDs of networks, secrets and configs, and the image's digest."""

from __future__ import annotations

from typing import Any

from backends.change.flag_error import refuse
from backends.change.image_reference import with_digest, with_tag
from backends.change.part import Build, Spec, assign, reach, sub
from backends.change.steps import Recorder, filters, query, segment
from backends.errors import ApiError, NotFound, TimedOut

#: A registry that does not answer must not hold a change for ever, and may take long.
_REGISTRY_LIMIT = 30.0


async def network_id(name: str, recorder: Recorder, flag: str) -> str:
    """A network's ID by its name. Raises ``Refused`` where there is none."""
    name = name.strip()
    if not name:
        raise refuse("invalid network name or ID: value is empty", flag, "the name of a network")
    try:
        found = await recorder.get(f"/networks/{segment(name)}{query(scope='swarm')}")
    except NotFound as error:
        raise refuse(error.original, flag, "the name of a network of the swarm") from error
    return str(found.get("Id", ""))


async def attach(build: Build, recorder: Recorder, flag: str) -> list[Spec]:
    """The noted attachments with IDs for names, in the order typed."""
    found = []
    for attachment in build.networks:
        found.append({**attachment, "Target": await network_id(attachment["Target"], recorder, flag)})
    return found


async def references(pending: list[Spec], what: str, recorder: Recorder) -> list[Spec]:
    """The noted secret or config references with their IDs. Raises ``Refused`` for one that is not there."""
    name_key, id_key = f"{what.capitalize()}Name", f"{what.capitalize()}ID"
    # A credential spec's config counts once, however often it is meant.
    runtime = {ref[name_key]: ref for ref in pending if "Runtime" in ref}
    wanted = [ref for ref in pending if "Runtime" not in ref] + list(runtime.values())
    if not wanted:
        return []
    names = [ref[name_key] for ref in wanted]
    listed = await recorder.list(f"/{what}s{query(filters=filters(name=names))}")
    ids = {reach(entry, "Spec", "Name"): reach(entry, "ID") for entry in listed}
    for name in names:
        if name not in ids:
            flag = "credential-spec" if name in runtime else what
            raise refuse(f"{what} not found: {name}", flag, f"create it with docker {what} create")
    return [_ordered(ref, name_key, id_key, ids[ref[name_key]]) for ref in wanted]


def _ordered(reference: Spec, name_key: str, id_key: str, id: Any) -> Spec:
    name = reference[name_key]
    return {**{k: v for k, v in reference.items() if k != name_key}, id_key: id, name_key: name}


async def resolve_image(build: Build, recorder: Recorder, auth: str) -> None:
    """Puts the image's digest and platforms into the spec; without an answer of the registry the name stays and
    a warning says so. ``auth`` is the value of ``X-Registry-Auth``, or empty."""
    image = str(build.container.get("Image", ""))
    headers = {"X-Registry-Auth": auth} if auth else None
    try:
        found = await recorder.get(
            f"/distribution/{'/'.join(map(segment, filter(None, image.split('/'))))}/json", headers, _REGISTRY_LIMIT
        )
    except (ApiError, TimedOut):
        build.warnings.append(
            f"image {image} could not be accessed on a registry to record its digest. Each node will access {image} "
            "independently, possibly leading to different nodes running different versions of the image."
        )
        return
    digest = reach(found, "Descriptor", "digest")
    if digest:
        build.container["Image"] = with_digest(image, str(digest))
    platforms = [_platform(platform) for platform in found.get("Platforms") or ()]
    if platforms:
        sub(build.task, "Placement")["Platforms"] = platforms


def _platform(platform: Spec) -> Spec:
    """Without the variant; of ARM without the architecture too, since nodes name it otherwise."""
    found: Spec = {}
    architecture = str(platform.get("architecture", ""))
    assign(found, "Architecture", "" if architecture.lower() == "arm" else architecture)
    assign(found, "OS", platform.get("os"))
    return found


def tag_image(build: Build) -> None:
    """``:latest`` for an image that has neither tag nor digest."""
    image = build.container.get("Image")
    if image:
        build.container["Image"] = with_tag(str(image))


async def settle_configs(build: Build, recorder: Recorder) -> None:
    """Adds the noted secrets and configs, and the ID of a credential spec's config."""
    for what in ("secret", "config"):
        found = await references(build.secrets if what == "secret" else build.configs, what, recorder)
        if found:
            key = f"{what.capitalize()}s"
            build.container[key] = [*(build.container.get(key) or ()), *found]
    credential = reach(build.container, "Privileges", "CredentialSpec")
    if isinstance(credential, dict) and credential.get("Config") and build.configs:
        for config in build.container.get("Configs") or ():
            if config.get("ConfigName") == credential["Config"]:
                credential["Config"] = config.get("ConfigID")
                break
