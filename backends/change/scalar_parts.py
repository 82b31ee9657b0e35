"""Parts of a service's spec that are one value each, or one small object that several flags share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backends.change import numbers
from backends.change.flag_error import refuse
from backends.change.part import Build, Given, Names, Spec, assign, reach, sub


@dataclass(frozen=True)
class Scalar:
    """One flag, one place. ``kept`` also sends an empty value where the flag was given (Go's pointers)."""

    flag: str
    path: tuple[str, ...]
    show: Callable[[Any], str] = str
    kept: bool = False
    lowered: bool = False
    """Whether ``create`` writes it in small letters (``update`` does not)."""

    def create(self, build: Build, given: Given) -> None:
        """Writes the last value."""
        value = given[self.flag][-1]
        self._put(build, value.lower() if self.lowered else value)

    def update(self, build: Build, given: Given) -> None:
        """Replaces the value; an empty one takes it out."""
        self._put(build, given[self.flag][-1])

    def _put(self, build: Build, value: Any) -> None:
        at = build.spec
        for key in self.path[:-1]:
            at = sub(at, key)
        if self.kept:
            at[self.path[-1]] = value
        else:
            assign(at, self.path[-1], value)

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """The value, where it is more than the default."""
        value = reach(spec, *self.path)
        if value is None or (not self.kept and not value):
            return {}
        return {self.flag: (self.show(value),)}


@dataclass(frozen=True)
class Resource(Scalar):
    """A limit or a reservation: where one is written, both objects are there."""

    def update(self, build: Build, given: Given) -> None:
        """Replaces the value; zero takes it out."""
        resources = sub(build.task, "Resources")
        sub(resources, "Limits")
        sub(resources, "Reservations")
        super().update(build, given)


def switch(flag: str, *path: str, kept: bool = False) -> Scalar:
    """A bool; ``kept`` sends ``false`` too."""
    return Scalar(flag, path, lambda value: "true" if value else "false", kept)


@dataclass(frozen=True)
class Policy:
    """An object of which any one flag writes the whole with its defaults."""

    path: tuple[str, ...]
    defaults: tuple[tuple[str, Any], ...]
    fields: tuple[tuple[str, str, Callable[[Any], str]], ...]
    """(flag, field, how it is shown)."""
    kept: frozenset[str] = frozenset()
    """Fields sent although they are zero."""

    def create(self, build: Build, given: Given) -> None:
        """Writes the whole object."""
        at = build.spec
        for key in self.path[:-1]:
            at = sub(at, key)
        policy = at.get(self.path[-1])
        if not isinstance(policy, dict):
            policy = at[self.path[-1]] = dict(self.defaults)
        for flag, field, _ in self.fields:
            if flag not in given:
                continue
            if field in self.kept:
                policy[field] = given[flag][-1]
            else:
                assign(policy, field, given[flag][-1])

    update = create

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """Fields that differ from the defaults; where none does, the first one, so that the object is made."""
        policy = reach(spec, *self.path)
        if not isinstance(policy, dict):
            return {}
        known = dict(self.defaults)
        found: dict[str, Sequence[str]] = {}
        for flag, field, show in self.fields:
            zero: Any = "" if isinstance(known.get(field), str) else 0
            if policy.get(field, zero) != known.get(field, zero):
                found[flag] = (show(policy.get(field, zero)),)
        if not found:
            flag, field, show = self.fields[0]
            found[flag] = (show(policy.get(field, known.get(field, 0))),)
        return found


_ROLLOUT_DEFAULTS = (
    ("Parallelism", 1),
    ("FailureAction", "pause"),
    ("Monitor", 5_000_000_000),
    ("MaxFailureRatio", 0),
    ("Order", "stop-first"),
)


def rollout(prefix: str, key: str) -> Policy:
    """``UpdateConfig`` or ``RollbackConfig`` with its six flags."""
    return Policy(
        (key,),
        _ROLLOUT_DEFAULTS,
        (
            (f"{prefix}-parallelism", "Parallelism", str),
            (f"{prefix}-delay", "Delay", numbers.show_duration),
            (f"{prefix}-monitor", "Monitor", numbers.show_duration),
            (f"{prefix}-failure-action", "FailureAction", str),
            (f"{prefix}-max-failure-ratio", "MaxFailureRatio", numbers.show_float),
            (f"{prefix}-order", "Order", str),
        ),
        frozenset({"Parallelism", "MaxFailureRatio", "Order"}),
    )


RESTART = Policy(
    ("TaskTemplate", "RestartPolicy"),
    (("Condition", "any"), ("Delay", 5_000_000_000), ("MaxAttempts", 0)),
    (
        ("restart-condition", "Condition", str),
        ("restart-delay", "Delay", numbers.show_duration),
        ("restart-max-attempts", "MaxAttempts", str),
        ("restart-window", "Window", numbers.show_duration),
    ),
    frozenset({"Delay", "MaxAttempts", "Window"}),
)


class ModePart:
    """``--mode`` with what only some modes take."""

    def create(self, build: Build, given: Given) -> None:
        """Writes ``Mode`` and ``Placement.MaxReplicas``. Raises ``Refused`` for what the mode cannot have."""
        mode = given["mode"][-1] if "mode" in given else "replicated"
        replicas = given["replicas"][-1] if "replicas" in given else None
        concurrent = given["max-concurrent"][-1] if "max-concurrent" in given else None
        most = given["replicas-max-per-node"][-1] if "replicas-max-per-node" in given else 0
        _check_mode(mode, replicas, concurrent, most)
        if mode == "replicated":
            build.spec["Mode"] = {"Replicated": {} if replicas is None else {"Replicas": replicas}}
        elif mode == "replicated-job":
            job: Spec = {}
            if (concurrent if concurrent is not None else replicas) is not None:
                job["MaxConcurrent"] = concurrent if concurrent is not None else replicas
            if replicas is not None:
                job["TotalCompletions"] = replicas
            build.spec["Mode"] = {"ReplicatedJob": job}
        else:
            build.spec["Mode"] = {"Global": {}} if mode == "global" else {"GlobalJob": {}}
        assign(sub(build.task, "Placement"), "MaxReplicas", most)

    def update(self, build: Build, given: Given) -> None:
        """Changes the number of replicas and how many a node may have; a service's mode is for good."""
        if "replicas" in given:
            mode = reach(build.spec, "Mode", "Replicated")
            if mode is None:
                sentence = "replicas can only be used with replicated mode"
                raise refuse(sentence, "replicas", "leave it out: a service keeps its mode")
            mode["Replicas"] = given["replicas"][-1]
        if "replicas-max-per-node" in given:
            assign(sub(build.task, "Placement"), "MaxReplicas", given["replicas-max-per-node"][-1])
        if "max-concurrent" in given:
            build.warnings.append("--max-concurrent does nothing here: docker service update has no effect on it.")

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """Mode, replicas and what goes with them."""
        found: dict[str, Sequence[str]] = {}
        mode = spec.get("Mode") or {}
        for key, word in (("Global", "global"), ("GlobalJob", "global-job"), ("ReplicatedJob", "replicated-job")):
            if mode.get(key) is not None:
                found["mode"] = (word,)
        replicated, job = mode.get("Replicated") or {}, mode.get("ReplicatedJob") or {}
        count = replicated.get("Replicas", job.get("TotalCompletions"))
        if count is not None:
            found["replicas"] = (str(count),)
        if job.get("MaxConcurrent") is not None and job["MaxConcurrent"] != count:
            found["max-concurrent"] = (str(job["MaxConcurrent"]),)
        most = reach(spec, "TaskTemplate", "Placement", "MaxReplicas")
        if most:
            found["replicas-max-per-node"] = (str(most),)
        return found


def _check_mode(mode: str, replicas: int | None, concurrent: int | None, most: int) -> None:
    if mode not in ("replicated", "global", "replicated-job", "global-job"):
        raise refuse(
            f"Unknown mode: {mode}, only replicated and global supported",
            "mode",
            "replicated, global, replicated-job or global-job",
        )
    if mode in ("global", "global-job"):
        if replicas is not None:
            sentence = "replicas can only be used with replicated or replicated-job mode"
            raise refuse(sentence, "replicas", "leave it out, or use --mode replicated")
        if most:
            raise refuse(
                "replicas-max-per-node can only be used with replicated or replicated-job mode",
                "replicas-max-per-node",
                "leave it out, or use --mode replicated",
            )
    if concurrent is not None and mode != "replicated-job":
        sentence = "max-concurrent can only be used with replicated-job mode"
        raise refuse(sentence, "max-concurrent", "leave it out, or use --mode replicated-job")


MODE = ModePart()


class LogPart:
    """``--log-driver`` with ``--log-opt``, which counts only beside it."""

    def create(self, build: Build, given: Given) -> None:
        """Replaces driver and options together."""
        name = given["log-driver"][-1] if "log-driver" in given else ""
        if not name:
            if "log-opt" in given:
                build.warnings.append("--log-opt does nothing without --log-driver.")
            return
        driver: Spec = {"Name": name}
        options = dict(_pair(text, build) for text in given.get("log-opt", ()))
        assign(driver, "Options", options)
        build.task["LogDriver"] = driver

    update = create

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """Driver and options."""
        driver = reach(spec, "TaskTemplate", "LogDriver") or {}
        if not driver.get("Name"):
            return {}
        options = [f"{k}={v}" for k, v in (driver.get("Options") or {}).items()]
        return {"log-driver": (driver["Name"],), **({"log-opt": options} if options else {})}


def _pair(text: str, build: Build) -> tuple[str, str]:
    """``--log-opt NAME`` alone takes its value from the environment, as ``--env`` does."""
    name, found, value = text.partition("=")
    return name, value if found else build.around.environ.get(name, "")


LOG = LogPart()
