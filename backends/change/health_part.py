"""The health check of a service's containers and its credential spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backends.change import numbers
from backends.change.flag_error import refuse
from backends.change.part import Build, Given, Names, Spec, assign, reach, sub
from backends.change.value_types import CREDENTIAL

_FIELDS = {
    "health-interval": "Interval",
    "health-timeout": "Timeout",
    "health-start-period": "StartPeriod",
    "health-start-interval": "StartInterval",
    "health-retries": "Retries",
}
#: What ``docker service update`` looks at; it does not know ``--health-start-interval``.
_UPDATED = ("health-cmd", "health-interval", "health-timeout", "health-start-period", "health-retries")


class HealthPart:
    """``--health-*`` and ``--no-healthcheck``."""

    def create(self, build: Build, given: Given) -> None:
        """Writes ``Healthcheck`` where anything of it is set."""
        command = given["health-cmd"][-1] if "health-cmd" in given else ""
        retries = given["health-retries"][-1] if "health-retries" in given else 0
        spans = [flag for flag in _FIELDS if flag in given and flag != "health-retries"]
        if _is_off(given):
            if command or retries or spans:
                raise refuse("--no-healthcheck conflicts with --health-* options", "no-healthcheck", "one or the other")
            build.container["Healthcheck"] = {"Test": ["NONE"]}
        elif command or retries or spans:
            check: Spec = {}
            assign(check, "Test", ["CMD-SHELL", command] if command else None)
            for flag, field in _FIELDS.items():
                if flag in given:
                    assign(check, field, given[flag][-1])
            build.container["Healthcheck"] = check

    def update(self, build: Build, given: Given) -> None:
        """Edits the fields that were given."""
        if "health-start-interval" in given:
            build.warnings.append("--health-start-interval does nothing here: docker service update ignores it.")
        others = [flag for flag in _UPDATED if flag in given]
        if not others and "no-healthcheck" not in given:
            return
        if _is_off(given):
            if others:
                raise refuse("--no-healthcheck conflicts with --health-* options", "no-healthcheck", "one or the other")
            build.container["Healthcheck"] = {"Test": ["NONE"]}
            return
        check = sub(build.container, "Healthcheck")
        if (check.get("Test") or [""])[0] == "NONE":
            check.pop("Test")
        for flag in others:
            if flag != "health-cmd":
                assign(check, _FIELDS[flag], given[flag][-1])
        if "health-cmd" in given:
            command = given["health-cmd"][-1]
            assign(check, "Test", ["CMD-SHELL", command] if command else None)

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """The check; a test in exec form, which no flag can write, is shown as its shell words."""
        check = reach(spec, "TaskTemplate", "ContainerSpec", "Healthcheck")
        if not isinstance(check, dict):
            return {}
        test = check.get("Test") or []
        if test[:1] == ["NONE"]:
            return {"no-healthcheck": ("true",)}
        found: dict[str, Sequence[str]] = {}
        if test:
            found["health-cmd"] = (" ".join(test[1:]),)
        for flag, field in _FIELDS.items():
            if check.get(field):
                show = str if flag == "health-retries" else numbers.show_duration
                found[flag] = (show(check[field]),)
        return found


def _is_off(given: Given) -> bool:
    return bool(given.get("no-healthcheck") and given["no-healthcheck"][-1])


HEALTH = HealthPart()


class CredentialPart:
    """``--credential-spec``; ``config://NAME`` also adds that config, whose ID is looked up later."""

    def create(self, build: Build, given: Given) -> None:
        """Writes a whole ``Privileges`` object."""
        credential = dict(given["credential-spec"][-1])
        if not credential:
            return
        build.container["Privileges"] = {
            "CredentialSpec": credential,
            "SELinuxContext": None,
            "NoNewPrivileges": False,
        }
        if credential["Config"]:
            build.configs.append({"Runtime": {}, "ConfigName": credential["Config"]})

    def update(self, build: Build, given: Given) -> None:
        """Replaces it; an empty value takes it out. Configs that only an older one needed go too."""
        credential = dict(given["credential-spec"][-1])
        kept = []
        for config in build.container.get("Configs") or ():
            if config.get("Runtime") is None or config.get("ConfigName") == credential.get("Config"):
                kept.append(config)
        assign(build.container, "Configs", kept)
        privileges = build.container.get("Privileges")
        if not credential:
            if isinstance(privileges, dict):
                privileges["CredentialSpec"] = None
            return
        if not isinstance(privileges, dict):
            privileges = build.container["Privileges"] = {"SELinuxContext": None, "NoNewPrivileges": False}
        privileges["CredentialSpec"] = credential
        if credential["Config"]:
            build.configs.append({"Runtime": {}, "ConfigName": credential["Config"]})

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """The credential spec, a config by its name."""
        container = reach(spec, "TaskTemplate", "ContainerSpec") or {}
        credential = reach(container, "Privileges", "CredentialSpec")
        if not isinstance(credential, dict):
            return {}
        by_id = {c.get("ConfigID"): c.get("ConfigName") for c in container.get("Configs") or ()}
        shown = {**credential, "Config": by_id.get(credential.get("Config"), credential.get("Config"))}
        text = CREDENTIAL.show(shown)
        return {"credential-spec": (text,)} if text else {}


CREDENTIALS = CredentialPart()
