"""Folding of engine events: those that carry the state are applied, the others say what to ask again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from backends.model import Attachment, Container, Event, EventSource, Key, Kind
from backends.state.describe import base_action, describe
from backends.state.draft import Draft
from backends.state.inputs import Dirty
from backends.state.offsets import leader_of, stamped_by


def fold_events(draft: Draft, events: Sequence[Event], *, replay: bool = False) -> None:
    """Applies events in their order. An event that is older than what is known of its object changes nothing,
    so that doubles do no harm. What a ``replay`` would make dirty is listed anyway."""
    before = set(draft.dirty) if replay else None
    draft.replaying = replay
    leader = leader_of(draft.nodes) if draft.field("clocks") else ""
    for event in events:
        if event.source is not EventSource.ENGINE:
            draft.events.append(event)
            continue
        ahead = draft.ahead(stamped_by(event, leader))
        draft.events.append(describe(replace(event, ahead=ahead) if ahead else event, draft))
        fold = _FOLD.get(event.type)
        if fold is not None:
            fold(draft, event)
    if before is not None:
        draft.dirty = before


def _gone(draft: Draft, event: Event, kind: Kind, id: str) -> None:
    """An object of a kind whose ids are never given twice went. It stays known as gone, so that a listing that
    was under way does not bring it back."""
    if draft.get(kind, id) is None:
        base = draft.listed(kind, event.node_id) or draft.listed(kind, "", swarm=True)
        if base is not None and event.time <= base:
            return
    draft.drop(kind, id)
    draft.mark(Key(kind, id), event.time)
    draft.touch(event.time)


def _old(draft: Draft, event: Event, key: Key) -> bool:
    """Whether what is known of a local object is newer than the event."""
    base = draft.listed(key.kind, event.node_id)
    if base is not None and event.time <= base:
        return True
    told = draft.told(key)
    return told is not None and event.time < told


# -- containers -----------------------------------------------------------------------------------------


def _exit_code(event: Event) -> int | None:
    code = event.attributes.get("exitCode", "")
    try:
        return int(code)
    except ValueError:
        return None


def _started(c: Container, e: Event) -> Container:
    return replace(c, state="running", started=e.time, exit_code=None, health="", status="")


def _restarted(c: Container, e: Event) -> Container:
    return c if c.state == "running" else _started(c, e)


def _died(c: Container, e: Event) -> Container:
    return replace(c, state="exited", started=e.time, exit_code=_exit_code(e), health="", status="")


def _stopped(c: Container, e: Event) -> Container:
    return c if c.state != "running" else replace(c, state="exited", started=e.time, health="", status="")


def _paused(c: Container, e: Event) -> Container:
    return c if c.state == "paused" else replace(c, state="paused", status="")


def _unpaused(c: Container, e: Event) -> Container:
    return c if c.state == "running" else replace(c, state="running", status="")


def _checked(c: Container, e: Event) -> Container:
    health = e.action.partition(":")[2].strip()
    return c if c.health == health or c.state != "running" else replace(c, health=health, status="")


def _renamed(c: Container, e: Event) -> Container:
    return c if not e.name or c.name == e.name else replace(c, name=e.name)


#: Events that tell a container's new state; all others leave it as it is.
_STATES: dict[str, Callable[[Container, Event], Container]] = {
    "start": _started,
    "restart": _restarted,
    "die": _died,
    "stop": _stopped,
    "pause": _paused,
    "unpause": _unpaused,
    "health_status": _checked,
    "rename": _renamed,
}


def _container(draft: Draft, event: Event) -> None:
    action = base_action(event)
    if action == "destroy":
        _gone(draft, event, Kind.CONTAINER, event.id)
        return
    if action == "commit":
        draft.dirty.add(Dirty(Kind.IMAGE, "whole", "", event.node_id))
        return
    change = _STATES.get(action)
    if change is None and action != "create":
        return
    key = Key(Kind.CONTAINER, event.id)
    if _old(draft, event, key):
        return
    known = draft.containers.get(event.id)
    if known is None:
        if draft.told(key) is None:
            draft.dirty.add(Dirty(Kind.CONTAINER, "id", event.id, event.node_id))
        return
    if change is None:
        return
    draft.put(Kind.CONTAINER, event.id, change(known, event))
    draft.mark(key, event.time)
    draft.touch(event.time)
    if action == "start" and any(_lacks_address(a) for a in known.networks):
        # It gets its addresses on the way from "connect" to "start", and no event tells them.
        draft.dirty.add(Dirty(Kind.CONTAINER, "id", event.id, event.node_id))


def _lacks_address(attachment: Attachment) -> bool:
    return not (attachment.ipv4 or attachment.ipv6) and attachment.network not in ("host", "none")


# -- networks, volumes, images --------------------------------------------------------------------------


def _network(draft: Draft, event: Event) -> None:
    action = base_action(event)
    if action == "destroy" and _left_node(draft, event):
        return
    if action in ("destroy", "remove"):
        _gone(draft, event, Kind.NETWORK, event.id)
    elif action in ("create", "update"):
        draft.dirty.add(Dirty(Kind.NETWORK, "id", event.id, event.node_id))
    elif action in ("connect", "disconnect"):
        _attachment(draft, event, action == "connect")


def _left_node(draft: Draft, event: Event) -> bool:
    """Whether only the node's own part of a network of the Swarm went, as it does with the last task there. An engine
    that does not see the Swarm has no more of the network than that."""
    network = draft.networks.get(event.id)
    sees_swarm = draft.listed(Kind.NODE, "", swarm=True) is not None
    return network is not None and network.is_swarm and event.scope == "local" and sees_swarm


def _attachment(draft: Draft, event: Event, joined: bool) -> None:
    id = event.attributes.get("container", "")
    key = Key(Kind.CONTAINER, id)
    network = draft.networks.get(event.id)
    if network is None and joined and draft.told(Key(Kind.NETWORK, event.id)) is None:
        draft.dirty.add(Dirty(Kind.NETWORK, "id", event.id, event.node_id))
    if not id or _old(draft, event, key):
        return
    container = draft.containers.get(id)
    if joined:
        # The event names neither address nor MAC: those are asked for.
        if container is not None or draft.told(key) is None:
            draft.dirty.add(Dirty(Kind.CONTAINER, "id", id, event.node_id))
        if network is not None and network.inspected:
            draft.dirty.add(Dirty(Kind.NETWORK, "endpoints", event.id, event.node_id))
        return
    if container is not None:
        left = tuple(a for a in container.networks if not _is(a.network_id, a.network, event))
        if len(left) != len(container.networks):
            draft.put(Kind.CONTAINER, id, replace(container, networks=left))
            draft.mark(key, event.time)
            draft.touch(event.time)
    if network is not None and any(e.container_id == id for e in network.endpoints):
        rest = tuple(e for e in network.endpoints if e.container_id != id)
        draft.put(Kind.NETWORK, event.id, replace(network, endpoints=rest))
        draft.mark(network.key, event.time)
        draft.touch(event.time)


def _is(network_id: str, name: str, event: Event) -> bool:
    return network_id == event.id if network_id else name == event.name


def _volume(draft: Draft, event: Event) -> None:
    action = base_action(event)
    if action not in ("create", "destroy"):
        return
    id = f"{event.node_id}/{event.id}"
    key = Key(Kind.VOLUME, id)
    if _old(draft, event, key):
        return
    if action == "create":
        # The name of a volume that went may be given again.
        draft.dirty.add(Dirty(Kind.VOLUME, "id", id, event.node_id))
        return
    draft.drop(Kind.VOLUME, id)
    draft.mark(key, event.time)
    draft.touch(event.time)


def _image(draft: Draft, event: Event) -> None:
    action = base_action(event)
    if action in ("push", "save", "mount", "unmount"):
        return
    if action == "delete":
        _gone(draft, event, Kind.IMAGE, f"{event.node_id}/{event.id}")
        return
    base = draft.listed(Kind.IMAGE, event.node_id)
    if base is None or event.time > base:
        draft.dirty.add(Dirty(Kind.IMAGE, "whole", "", event.node_id))


# -- the Swarm's own ------------------------------------------------------------------------------------
# Their times are of the leader's clock, so that they are never compared with ours: a doubled event only
# causes the same question twice.


def _service(draft: Draft, event: Event) -> None:
    draft.dirty.add(Dirty(Kind.TASK, "service", event.id, event.node_id))
    if base_action(event) == "remove":
        _gone(draft, event, Kind.SERVICE, event.id)
    else:
        _scaled(draft, event)
        draft.dirty.add(Dirty(Kind.SERVICE, "id", event.id, event.node_id))


def _scaled(draft: Draft, event: Event) -> None:
    """The event of a scaled service says the new number: it is shown before the listing that tells the rest. Of a
    replay nothing is taken, since later listings know better."""
    wanted = event.attributes.get("replicas.new", "")
    service = draft.services.get(event.id)
    if draft.replaying or service is None or service.replicas is None or not wanted.isdigit():
        return
    if service.replicas != int(wanted):
        draft.put(Kind.SERVICE, event.id, replace(service, replicas=int(wanted), desired=int(wanted)))


def _node(draft: Draft, event: Event) -> None:
    action = base_action(event)
    attributes = event.attributes
    # Managers write a node down again for many reasons that its event does not name.
    if action != "update" or any(f"{name}.new" in attributes for name in ("role", "leader", "reachability")):
        # Roles, leader and counts of managers are part of what an engine says of itself.
        draft.dirty.add(Dirty(Kind.ENGINE, "whole", "", event.node_id))
    if action != "update" or any(f"{name}.new" in attributes for name in ("state", "availability")):
        draft.dirty.add(Dirty(Kind.TASK, "node", event.id, event.node_id))
    if action == "remove":
        _gone(draft, event, Kind.NODE, event.id)
    else:
        draft.dirty.add(Dirty(Kind.NODE, "id", event.id, event.node_id))


def _secret(draft: Draft, event: Event) -> None:
    kind = Kind.SECRET if event.type == "secret" else Kind.CONFIG
    if base_action(event) == "remove":
        _gone(draft, event, kind, event.id)
    else:
        draft.dirty.add(Dirty(kind, "id", event.id, event.node_id))


def _daemon(draft: Draft, event: Event) -> None:
    draft.dirty.add(Dirty(Kind.ENGINE, "whole", "", event.node_id))


_FOLD: dict[str, Callable[[Draft, Event], None]] = {
    "container": _container,
    "network": _network,
    "volume": _volume,
    "image": _image,
    "service": _service,
    "node": _node,
    "secret": _secret,
    "config": _secret,
    "daemon": _daemon,
    "plugin": _daemon,
}
