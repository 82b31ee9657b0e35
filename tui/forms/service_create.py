"""``docker service create`` as a form."""

from __future__ import annotations

from types import MappingProxyType

from backends.change.flags import Section
from backends.change.outcome import Outcome
from backends.change.requests import ServiceCreate
from backends.change.verbs import VERBS
from backends.model import Key, Kind
from tui.forms import service_facts as facts
from tui.forms.service_side import side
from tui.forms.spec import FormSpec, FormView
from tui.places import Place

LABELS = MappingProxyType(
    {
        "IMAGE": "Image",
        "COMMAND": "Command",
        "network": "Networks",
        "publish": "Publish",
        "env": "Environment",
        "secret": "Secrets",
        "config": "Configs",
        "mount": "Mounts",
        "constraint": "Constraints",
        "limit-memory": "Memory limit",
        "limit-cpu": "CPU limit",
        "limit-pids": "Processes limit",
        "reserve-memory": "Memory reserved",
        "reserve-cpu": "CPU reserved",
        "placement-pref": "Spread over",
        "replicas-max-per-node": "At most per node",
        "max-concurrent": "At once",
        "cap-add": "Capabilities added",
        "cap-drop": "Capabilities dropped",
        "host": "Hosts entries",
        "label": "Labels",
        "container-label": "Container labels",
        "health-cmd": "Command",
        "health-interval": "Interval",
        "health-timeout": "Timeout",
        "health-retries": "Retries",
        "health-start-period": "Start period",
        "health-start-interval": "Start interval",
        "no-healthcheck": "None at all",
        **{
            f"{p}-{k}": v
            for p in ("update", "rollback")
            for k, v in (
                ("parallelism", "At a time"),
                ("delay", "Delay"),
                ("monitor", "Monitored for"),
                ("failure-action", "On failure"),
                ("max-failure-ratio", "Failures allowed"),
                ("order", "Order"),
            )
        },
        "restart-condition": "Restarts",
        "restart-delay": "Delay",
        "restart-max-attempts": "At most",
        "restart-window": "Within",
        "with-registry-auth": "Registry login",
        "no-resolve-image": "Image as written",
        "detach": "Not watched",
        "quiet": "Quiet",
    }
)
ABOUT = MappingProxyType(
    {
        "IMAGE": "What runs: NAME:TAG. The registry is asked for its digest, so that all nodes run the same.",
        "network": "The Swarm resolves the name. An alias or driver options: name=NETWORK,alias=OTHER.",
        "publish": "8080:80 publishes 80 of the container on port 8080 of every node.",
        "constraint": "node.role==worker, node.labels.zone!=a. All must hold.",
        "secret": "Stands in the container as /run/secrets/NAME; source=NAME,target=OTHER for another name.",
        "COMMAND": "What runs instead of the image's own command, quoted as in a shell.",
        "env": "NAME alone takes its value from the environment here.",
    }
)
VERDICTS = MappingProxyType(
    {
        "IMAGE": facts.image_verdict,
        "name": facts.name_verdict,
        "replicas": facts.replicas_verdict,
        "network": facts.network_verdict,
        "publish": facts.publish_verdict,
        "env": facts.counted("variable"),
        "secret": facts.exist("secret"),
        "config": facts.exist("config"),
        "constraint": facts.constraint_verdict,
        "limit-memory": facts.memory_verdict("limit-memory"),
        "reserve-memory": facts.memory_verdict("reserve-memory"),
    }
)
ESSENTIALS = (
    "IMAGE",
    "name",
    "replicas",
    "network",
    "publish",
    "env",
    "secret",
    "constraint",
    "limit-memory",
)


def _done(view: FormView, outcome: Outcome) -> Place:
    """The list, with the new service under the cursor."""
    return Place("services", cursor=Key(Kind.SERVICE, outcome.ids[0]) if outcome.ids else None)


SPEC = FormSpec(
    id="service-create",
    verb=VERBS[ServiceCreate],
    title="new service",
    view="services",
    button="Create",
    essentials=ESSENTIALS,
    labels=LABELS,
    placed=MappingProxyType({"COMMAND": Section.CONTAINER}),
    stand_in=MappingProxyType({"IMAGE": "image-not-typed-yet"}),
    about=ABOUT,
    verdicts=VERDICTS,
    below=MappingProxyType({"IMAGE": facts.image_below, "constraint": facts.constraint_below}),
    offers=MappingProxyType({"IMAGE": facts.image_offer, "name": facts.name_offer, "publish": facts.publish_offer}),
    side=side,
    checks=facts.checks,
    compiles=facts.compiles,
    done=_done,
)
