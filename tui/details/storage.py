"""The details of volumes, images, configs and secrets: what they are, and who uses them."""

from __future__ import annotations

import shlex

from backends.model import Config, Image, Key, Secret, Snapshot, Volume
from backends.state.relations import relations
from backends.state.wording import listing
from tui.details.container import container_name, container_state_line
from tui.details.sheet import Sheet, one_row, spaced
from tui.look.symbols import state
from tui.tables.spec import Detail, Moment
from tui.text.ago import ago, plural, size
from tui.text.span import Line, line

#: Users shown in a pane; the describe page shows all.
_USERS = 12


def user_names(key: Key, snapshot: Snapshot) -> tuple[str, ...]:
    """Services that use an object, then containers that belong to none of them."""
    users = relations(snapshot).users(key)
    ids = {s.id for s in users.services}
    alone = [container_name(c, snapshot) for c in users.containers if c.service_id not in ids]
    return (*(s.name for s in users.services), *alone)


def used_line(key: Key, snapshot: Snapshot) -> Line:
    """``● used by 2 services, 3 containers``, ``○ used by nobody``."""
    users = relations(snapshot).users(key)
    if not users:
        return state("unused", "used by nobody")
    parts = [
        plural(len(users.services), "service") if users.services else "",
        plural(len(users.containers), "container") if users.containers else "",
    ]
    return state("ready", f"used by {', '.join(p for p in parts if p)}")


def _users(sheet: Sheet, key: Key) -> None:
    moment = sheet.moment
    users = relations(moment.snapshot).users(key)
    if users.services:
        sheet.head("Services")
        shown = users.services if sheet.full else users.services[:_USERS]
        for service in shown:
            sheet.text(_how(key, service.id, moment.snapshot), hang=2)
        if len(users.services) > len(shown):
            sheet.text((f"{len(users.services) - len(shown)} more", "muted"))
    if users.containers:
        held = users.containers if sheet.full else users.containers[:_USERS]
        rows = [(line(container_name(c, moment.snapshot)), container_state_line(c, moment)) for c in held]
        sheet.grid(("Containers", "state"), rows, cuts="m")
        if len(users.containers) > len(held):
            sheet.text((f"{len(users.containers) - len(held)} more", "muted"))


def _how(key: Key, service_id: str, snapshot: Snapshot) -> Line:
    """A service and where it finds the config or secret."""
    service = snapshot.services[service_id]
    path = ""
    config, secret = snapshot.configs.get(key.id), snapshot.secrets.get(key.id)
    if config is not None:
        path = next((p for name, p in service.configs if name == config.name), "")
    elif secret is not None:
        file = next((f for name, f in service.secrets if name == secret.name), "")
        path = f"/run/secrets/{file}" if file else ""
    return line(service.name, (f"   {path}" if path else "", "muted"))


def _node(sheet: Sheet, node_id: str) -> None:
    node = sheet.moment.snapshot.nodes.get(node_id)
    engine = sheet.moment.snapshot.engine
    sheet.fact("node", node.name if node else engine.name if engine else "")


def _common(key: Key, moment: Moment, cells: int, *more: tuple[str, str]) -> tuple[Line, ...]:
    names = user_names(key, moment.snapshot)
    rows = [one_row("state", used_line(key, moment.snapshot), cells=cells)]
    rows.append(one_row("used by", listing(names, most=5) or ("nobody", "muted"), cells=cells))
    rows += [one_row(label, value, cells=cells) for label, value in more if value]
    return tuple(rows[:6])


def volume_detail(volume: Volume, moment: Moment, cells: int, *, full: bool = False) -> Detail:
    """The description of a volume."""
    sheet = Sheet(moment, cells, full=full)
    sheet.fact("state", used_line(volume.key, moment.snapshot))
    _node(sheet, volume.node_id)
    sheet.fact("driver", volume.driver, f", {volume.scope}" if volume.scope else "")
    sheet.fact("size", size(volume.size) if volume.size >= 0 else ("not asked; docker system df -v tells", "muted"))
    sheet.fact("created", ago(volume.created, moment.now))
    sheet.fact("data in", volume.mountpoint)
    _users(sheet, volume.key)
    _pairs(sheet, "Options", volume.options)
    _pairs(sheet, "Labels", volume.labels)
    command = f"docker volume create --driver {shlex.quote(volume.driver)} {shlex.quote(volume.name)}"
    if volume.options:
        opts = " ".join(f"--opt {shlex.quote(f'{k}={v}')}" for k, v in sorted(volume.options.items()))
        command = f"docker volume create --driver {shlex.quote(volume.driver)} {opts} {shlex.quote(volume.name)}"
    sheet.command(command)
    compact = _common(volume.key, moment, cells, ("driver", volume.driver), ("data in", volume.mountpoint))
    return Detail(volume.name, sheet.lines, compact, command)


def image_detail(image: Image, moment: Moment, cells: int, *, full: bool = False) -> Detail:
    """The description of an image."""
    sheet = Sheet(moment, cells, full=full)
    sheet.fact("state", used_line(image.key, moment.snapshot))
    _node(sheet, image.node_id)
    sheet.fact("size", size(image.size))
    sheet.fact("created", ago(image.created, moment.now))
    sheet.fact("id", image.image_id if full else image.image_id.removeprefix("sha256:")[:24])
    for index, tag in enumerate(image.tags):
        sheet.fact("tags" if index == 0 else "", tag)
    if not image.tags:
        sheet.fact("tags", ("none: another image took its tag", "muted"))
    for index, digest in enumerate(image.digests):
        sheet.fact("digests" if index == 0 else "", (digest, "muted"))
    _users(sheet, image.key)
    _pairs(sheet, "Labels", image.labels)
    command = f"docker image inspect {shlex.quote(image.tags[0] if image.tags else image.image_id)}"
    sheet.command(command)
    compact = _common(image.key, moment, cells, ("size", size(image.size)), ("tags", listing(image.tags)))
    return Detail(image.name, sheet.lines, compact, command)


def config_detail(config: Config, moment: Moment, cells: int, *, full: bool = False) -> Detail:
    """The description of a config."""
    sheet = Sheet(moment, cells, full=full)
    sheet.fact("state", used_line(config.key, moment.snapshot))
    sheet.fact("size", f"{config.size:,} bytes" if config.size else "")
    _dates(sheet, config)
    sheet.fact("templating", config.templating)
    _users(sheet, config.key)
    _pairs(sheet, "Labels", config.labels)
    command = f"docker config inspect --pretty {shlex.quote(config.name)}"
    sheet.command(command)
    compact = _common(config.key, moment, cells, ("created", ago(config.created, moment.now)))
    return Detail(config.name, sheet.lines, compact, command)


def secret_detail(secret: Secret, moment: Moment, cells: int, *, full: bool = False) -> Detail:
    """The description of a secret; its data stays in the swarm."""
    sheet = Sheet(moment, cells, full=full)
    sheet.fact("state", used_line(secret.key, moment.snapshot))
    _dates(sheet, secret)
    sheet.fact("driver", secret.driver)
    sheet.fact("templating", secret.templating)
    sheet.fact("data", ("the swarm gives it to tasks and to nobody else", "muted"))
    _users(sheet, secret.key)
    _pairs(sheet, "Labels", secret.labels)
    command = f"docker secret inspect --pretty {shlex.quote(secret.name)}"
    sheet.command(command)
    compact = _common(secret.key, moment, cells, ("created", ago(secret.created, moment.now)))
    return Detail(secret.name, sheet.lines, compact, command)


def _dates(sheet: Sheet, item: Config | Secret) -> None:
    now = sheet.moment.now
    changed = ago(item.updated, now) if item.updated and item.updated != item.created else ""
    sheet.fact("created", spaced(ago(item.created, now), line(("changed ", "muted"), changed) if changed else ""))
    sheet.fact("stack", item.stack or "none")
    sheet.fact("id", item.id)


def _pairs(sheet: Sheet, title: str, values: dict[str, str]) -> None:
    if values:
        sheet.head(title)
        sheet.pairs("", values)
