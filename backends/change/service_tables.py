"""The flag tables of ``docker service``: which verb takes which flag, in the order of forms and rendered lines."""

from __future__ import annotations

from collections.abc import Iterator

from backends.change import service_container_flags as container
from backends.change import service_flags as basic
from backends.change import service_policy_flags as policy
from backends.change.flags import Flag, FlagTable
from backends.change.sending_flags import DETACH, QUIET

#: (create, remove, add) in the order of the form.
_LISTED = {
    "network": basic.NETWORK_FLAGS,
    "publish": basic.PUBLISH_FLAGS,
    "env": basic.ENV_FLAGS,
    "mount": basic.MOUNT_FLAGS,
    "config": basic.CONFIG_FLAGS,
    "secret": basic.SECRET_FLAGS,
    "constraint": basic.CONSTRAINT_FLAGS,
    "placement-pref": basic.PREFERENCE_FLAGS,
    "generic-resource": policy.GENERIC_FLAGS,
    "dns": container.DNS_FLAGS,
    "dns-option": container.DNS_OPTION_FLAGS,
    "dns-search": container.DNS_SEARCH_FLAGS,
    "host": container.HOST_FLAGS,
    "label": container.LABEL_FLAGS,
    "container-label": container.CONTAINER_LABEL_FLAGS,
    "sysctl": container.SYSCTL_FLAGS,
    "ulimit": container.ULIMIT_FLAGS,
    "group": container.GROUP_FLAGS,
}
#: Flags of create that update writes with ``-add`` and ``-rm``.
LISTED_FLAGS = tuple(_LISTED)


def _listed(name: str, updating: bool) -> tuple[Flag, ...]:
    return _LISTED[name][1:] if updating else _LISTED[name][:1]


def _flags(updating: bool) -> Iterator[Flag]:
    """The flags that both verbs share, and of the others those of one."""
    yield from basic.MODE_FLAGS
    yield from _listed("network", updating)
    yield basic.ENDPOINT
    for name in ("publish", "env"):
        yield from _listed(name, updating)
    if not updating:
        yield basic.ENV_FILE
    for name in ("mount", "config", "secret", "constraint", "placement-pref"):
        yield from _listed(name, updating)
    yield from policy.RESOURCE_FLAGS
    yield from _listed("generic-resource", updating)
    yield from policy.HEALTH_FLAGS
    yield from policy.ROLLOUT_FLAGS
    yield from policy.RESTART_FLAGS
    for name in ("dns", "dns-option", "dns-search", "host"):
        yield from _listed(name, updating)
    yield from container.LOG_FLAGS
    for name in ("label", "container-label"):
        yield from _listed(name, updating)
    yield from container.CAPABILITY_FLAGS
    for name in ("sysctl", "ulimit"):
        yield from _listed(name, updating)
    yield from container.SECURITY_FLAGS
    yield from container.CONTAINER_FLAGS
    yield from _listed("group", updating)


_SENDING = (DETACH, QUIET, basic.REGISTRY_AUTH, basic.NO_RESOLVE)

CREATE = FlagTable((basic.NAME, DETACH, basic.MODE_FLAG, *_flags(False), *_SENDING[1:]))
UPDATE = FlagTable((DETACH, basic.IMAGE, basic.ARGS, *_flags(True), basic.FORCE, basic.ROLL_BACK, *_SENDING[1:]))
ROLLBACK = FlagTable((DETACH, QUIET))
SCALE = FlagTable((DETACH,))
REMOVE = FlagTable(())
