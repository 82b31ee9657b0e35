"""The composition root: the only place that names concrete backends. Imported behind the skeleton frame."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from backends.contexts import EndpointSpec, list_contexts, resolve
from backends.errors import BackendError
from tui.cli import Options, UsageError, log_path, state_dir
from tui.frame.questions import QuestionDesk
from tui.frame.session import ContextRow, Session
from tui.no_engine import Demo, Refused

if TYPE_CHECKING:
    from backends.api import Cluster, Interest, Transport
    from backends.engine.prefetch import Prefetch
    from backends.routes import RouteSource
    from backends.swarm import SwarmCluster
    from tui.actions.history import CommandHistory
    from tui.actions.keymap import Keymap
    from tui.config import Config
    from tui.config_nodes import NodeMappings
    from tui.look.tokens import Choice
    from tui.skeleton import Skeleton

_log = logging.getLogger("dnet")

#: Problems of the configuration that are said at the start.
_SAID = 3
#: Seconds between two frames over a slow link.
_SLOW = 0.5


class Composition:
    """Makes sessions as the options and the configuration want them; see ``tui.frame.session.Composer``."""

    def __init__(self, options: Options, config: Config) -> None:
        self._options = options
        self._config = config
        self._home = Path.home()
        self._current = ""
        self.desk = QuestionDesk()

    @functools.cached_property
    def mappings(self) -> NodeMappings:
        """What the configuration says about nodes, and where it is saved."""
        from tui.config import config_path
        from tui.config_nodes import NodeMappings

        return NodeMappings(config_path(os.environ), self._config.mappings() if self._config.nodes else {})

    @functools.cached_property
    def history(self) -> CommandHistory:
        """Lines run at ``:``; those of a demo are not kept."""
        from tui.actions.history import CommandHistory

        demo = self._options.demo or self._options.scene
        return CommandHistory(None if demo else Path(state_dir(), "history"))

    def first(self) -> tuple[Session, bool]:
        """The session to start with, and whether the demo should take its place if no engine answers."""
        options = self._options
        if options.demo or options.scene:
            return self.demo(), False
        try:
            spec = resolve(options.host or None, options.context or None, os.environ, self._home)
        except BackendError as error:
            name = options.host or options.context or os.environ.get("DOCKER_HOST", "") or "the engine"
            return self._refused(name, error), options.demo_if_none
        return self._session(spec, _prefetched(spec, options.view)), options.demo_if_none

    def context(self, name: str) -> Session:
        """A session on a docker context; raises ``Unreachable`` where it makes no sense."""
        return self._session(resolve(None, name, os.environ, self._home), None)

    def contexts(self) -> Sequence[ContextRow]:
        """All docker contexts, with the one we are on marked."""
        return [
            ContextRow(entry.name, entry.url, entry.description, entry.name == self._current, entry.problem)
            for entry in list_contexts(os.environ, self._home)
        ]

    def demo(self, reason: str = "") -> Session:
        """The simulated engine in a thread of its own, reached like any other."""
        self._current = ""
        cluster = _cluster(Demo(self._options.scene or "demo"), None)
        return Session(
            cluster=cluster,
            ways=lambda: import_module("backends.fake.joining").ways_of(cluster),
            context="demo",
            endpoint="the built-in demo",
            demo=True,
            reason=reason,
            readonly=self._options.readonly or self._config.readonly,
        )

    def theme(self, name: str) -> Choice:
        """What a theme name means in this terminal."""
        return choice(name, self._config, self._options)

    def _session(self, spec: EndpointSpec, prefetch: Prefetch | None) -> Session:
        try:
            cluster = self._swarm(spec, prefetch)
        except BackendError as error:
            return self._refused(spec.url, error)
        marks = self._config.context(spec.context)
        self._current = spec.context
        return Session(
            cluster=cluster,
            desk=self.desk,
            mappings=self.mappings,
            ways=cluster.ways,
            shown=prefetch.shown.set if prefetch is not None else None,
            context=marks.label or spec.context,
            endpoint=spec.url,
            mark=marks.mark,
            journal=Path(state_dir(), "journal.jsonl"),
            readonly=self._options.readonly or self._config.readonly or marks.readonly,
        )

    def _swarm(self, spec: EndpointSpec, prefetch: Prefetch | None) -> SwarmCluster:
        """A real Swarm: its other nodes are reached over SSH once something of theirs is shown."""
        from backends.engine.client import SdkEngine
        from backends.swarm import open_swarm

        return open_swarm(
            spec,
            engine_for=SdkEngine,
            first=functools.partial(SdkEngine, prefetch=prefetch),
            questions=self.desk,
            mappings=self.mappings.all,
            sudo=self._config.ssh_sudo,
            reach=self._config.ssh,
            interest=_first_interest(self._options.view),
        )

    def _refused(self, name: str, error: BackendError) -> Session:
        return Session(
            cluster=_cluster(Refused(name, error), None),
            context=self._options.context or "none",
            endpoint=name,
            readonly=self._options.readonly or self._config.readonly,
        )


def _cluster(transport: Transport, prefetch: Prefetch | None, view: str = "") -> Cluster:
    from backends.cluster import LocalCluster
    from backends.engine.client import SdkEngine

    routes = _demo_routes if isinstance(transport, Demo) else None
    return LocalCluster(SdkEngine(transport, prefetch=prefetch), interest=_first_interest(view), routes=routes)


def _demo_routes(cluster: Cluster) -> RouteSource:
    """Read when a form needs them: the simulated engine itself is built beside the first frame, not before it."""
    from backends.fake.demo_routes import DemoRoutes

    return DemoRoutes(cluster)


def _first_interest(view: str) -> Interest:
    """What is listed before the screen has said what it needs."""
    from backends.api import Interest
    from backends.model import Kind

    return Interest(kinds=frozenset(Kind(kind) for kind in _first_kinds(view)))


#: Kinds that views are made of beside those that all need, where it is not the one they are named after; a test holds
#: them together with the lists.
_BESIDE = {
    "": {"container"},
    "overview": {"container"},
    "nodes": {"task"},
    "endpoints": {"container"},
    "ports": {"container"},
    "volumes": {"volume", "container"},
    "images": {"image", "container"},
    "stacks": {"config", "secret"},
}


def _first_kinds(view: str) -> set[str]:
    """Kinds that the first frame of a view is made of, as ``backends.engine.listings`` names them."""
    from backends.engine.listings import LISTINGS

    return {"node", "service", "network"} | (_BESIDE.get(view, {view.removesuffix("s")}) & LISTINGS.keys())


def _prefetched(spec: EndpointSpec, view: str) -> Prefetch | None:
    """Asks for what the first frame needs before anything heavy is imported."""
    if spec.scheme != "unix":
        return None
    from backends.engine.listings import INFO, LISTINGS, SWARM, VERSION
    from backends.engine.prefetch import prefetch

    return prefetch(spec.path, [VERSION, INFO, SWARM, *(LISTINGS[kind] for kind in sorted(_first_kinds(view)))])


def choice(theme: str, config: Config, options: Options) -> Choice:
    """Theme and depth of colour: options first, then the configuration, then what the terminal says."""
    from tui.look.tokens import detect

    name = theme or options.theme or config.theme
    color: str = config.color
    if options.no_color:
        color = "none"
    elif name == "ansi":
        color = "16"
    return detect(os.environ, "auto" if name == "ansi" else name, color)


def _log_to_file(options: Options) -> None:
    path = options.log_file or log_path()
    try:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if options.debug else logging.WARNING)
    if options.debug:
        # Textual and the SDK's HTTP library tell of every event: that is not what we look for.
        for name in ("asyncio", "urllib3", "docker", "markdown_it"):
            logging.getLogger(name).setLevel(logging.INFO)


def run(options: Options, skeleton: Skeleton) -> int:
    """Composes and runs the application; returns the exit code."""
    from tui.config import config_path, load

    if options.scene:
        from backends.fake.scenario import SCENARIOS

        if options.scene not in SCENARIOS:
            raise UsageError(f"there is no scene {options.scene}; scenes are {', '.join(SCENARIOS)}")
    config, problems = load(config_path(os.environ), os.environ)
    composition = Composition(options, config)
    session, demo_if_none = composition.first()
    _log_to_file(options)

    from tui.look.tokens import prepare, wants_ascii

    chosen = choice("", config, options)
    prepare(chosen, os.environ)  # before Textual is imported: it reads the environment then

    from tui.app import DnetApp, Look
    from tui.ending import bound
    from tui.frame.driver import FrameDriver
    from tui.places import Place

    keymap, clashes = _keymap(config)
    wrong = [str(problem) for problem in problems] + clashes
    for problem in wrong:
        _log.warning("configuration: %s", problem)
    look = Look(
        choice=chosen,
        ascii=wants_ascii(os.environ, "yes" if options.ascii else config.ascii),
        interval=_SLOW if config.slow_link else 1 / config.fps,
    )
    app = DnetApp(
        session,
        composition,
        keymap,
        start=Place(options.view or "overview"),
        look=look,
        demo_if_none=demo_if_none,
        problems=_said(wrong),
        driver_class=FrameDriver,
    )
    ending = bound(app, skeleton, options)
    app.run(mouse=config.mouse)
    ending.over()
    skeleton.left()
    if app.crash is not None:
        raise app.crash
    return app.return_code or 0


def _said(problems: Sequence[str]) -> Sequence[str]:
    """As many as can be read at the start."""
    rest = len(problems) - _SAID
    return [*problems[:_SAID], f"And {rest} more: the log has all."] if rest > 0 else problems


def _keymap(config: Config) -> tuple[Keymap, list[str]]:
    from tui.actions.keymap import Keymap
    from tui.actions.registry import actions_for
    from tui.tables.registry import TABLES

    keymap = Keymap(actions_for(TABLES), config.keys, config.keymap)
    return keymap, [f"keys: {clash.where}: {clash.text}" for clash in keymap.clashes]
