"""Parts of a service's spec that are lists and maps: written whole by ``create``, edited by ``-add`` and ``-rm``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backends.change.flag_error import refuse
from backends.change.part import Build, Given, Names, Spec, assign, reach, sub

_CONTAINER = ("TaskTemplate", "ContainerSpec")


def _parent(build: Build, path: tuple[str, ...]) -> Spec:
    at = build.spec
    for key in path[:-1]:
        at = sub(at, key)
    return at


def _unique(values: Sequence[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


@dataclass(frozen=True)
class Texts:
    """A list of texts; ``update`` sorts what it changes, as the CLI does, and leaves alone what stays the same:
    another order alone would restart every task."""

    flag: str
    path: tuple[str, ...]
    unique: bool = False
    """Whether ``update`` drops duplicates."""
    beside: tuple[str, ...] = ()
    """Lists of the same object that are put in order with it."""

    def create(self, build: Build, given: Given) -> None:
        """Writes the values as typed."""
        _parent(build, self.path)[self.path[-1]] = list(given[self.flag])

    def update(self, build: Build, given: Given) -> None:
        """Adds, then takes out."""
        parent = _parent(build, self.path)
        values = [*(parent.get(self.path[-1]) or ()), *given.get(f"{self.flag}-add", ())]
        gone = set(given.get(f"{self.flag}-rm", ()))
        kept = sorted(v for v in (_unique(values) if self.unique else values) if v not in gone)
        if same(parent.get(self.path[-1]) or (), kept):
            return
        assign(parent, self.path[-1], kept)
        for key in self.beside:
            if parent.get(key):
                parent[key] = sorted(_unique(parent[key]))

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """The values."""
        return _if(self.flag, [str(v) for v in reach(spec, *self.path) or ()])


@dataclass(frozen=True)
class Pairs:
    """A map of names to texts."""

    flag: str
    path: tuple[str, ...]
    kept: bool = False
    """Whether an empty map is sent (service labels)."""

    def create(self, build: Build, given: Given) -> None:
        """Writes the map; the last value of a name counts."""
        _parent(build, self.path)[self.path[-1]] = dict(_cut(text) for text in given[self.flag])

    def update(self, build: Build, given: Given) -> None:
        """Takes out, then adds."""
        parent = _parent(build, self.path)
        values = dict(parent.get(self.path[-1]) or {})
        for text in given.get(f"{self.flag}-rm", ()):
            values.pop(_cut(text)[0] if self.flag == "sysctl" else text, None)
        values.update(_cut(text) for text in given.get(f"{self.flag}-add", ()))
        if self.kept and (values or parent.get(self.path[-1]) is not None):
            parent[self.path[-1]] = values
        elif not self.kept:
            assign(parent, self.path[-1], values)

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """``NAME=VALUE`` each."""
        return _if(self.flag, [f"{k}={v}" for k, v in (reach(spec, *self.path) or {}).items()])


@dataclass(frozen=True)
class Keyed:
    """A list of objects of which each has a key; sorted where the CLI sorts."""

    flag: str
    path: tuple[str, ...]
    key: Callable[[Any], str]
    show: Callable[[Any], str]
    add: Callable[[list[Any], Sequence[Any]], list[Any]]
    """(what is there, what comes) to what then is."""
    new: Callable[[Sequence[Any]], list[Any]] = list
    """What ``create`` makes of the values."""
    of_removal: Callable[[Any], str] = str
    """The key that a ``-rm`` value names."""
    missing: str = ""
    """Error where a key to take out is not there, with ``{}`` for it."""
    removed_last: bool = False
    """Whether what comes is taken out again where both are said."""

    def create(self, build: Build, given: Given) -> None:
        """Writes the values."""
        assign(_parent(build, self.path), self.path[-1], self.new(given[self.flag]))

    def update(self, build: Build, given: Given) -> None:
        """Takes out by key and adds."""
        parent = _parent(build, self.path)
        before = list(parent.get(self.path[-1]) or ())
        gone = [self.of_removal(value) for value in given.get(f"{self.flag}-rm", ())]
        there = {self.key(value) for value in before} | {self.key(v) for v in given.get(f"{self.flag}-add", ())}
        for name in gone:
            # The CLI looks for a name that it has just taken out, too.
            if self.missing and (name not in there or gone.count(name) > 1):
                raise refuse(self.missing.format(name), f"{self.flag}-rm", "one that the service has")
        after = self._edited(before, given.get(f"{self.flag}-add", ()), set(gone))
        if same(before, after):
            return
        assign(parent, self.path[-1], after)

    def _edited(self, before: list[Any], added: Sequence[Any], gone: set[str]) -> list[Any]:
        if self.removed_last:
            return [value for value in self.add(before, added) if self.key(value) not in gone]
        return self.add([value for value in before if self.key(value) not in gone], added)

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """Each as its flag writes it."""
        return _if(self.flag, [self.show(value) for value in reach(spec, *self.path) or ()])


def same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether two lists hold the same in any order: another order alone would restart every task."""
    rest = list(other)
    for value in one:
        if value not in rest:
            return False
        rest.remove(value)
    return not rest


def _cut(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _if(flag: str, texts: Sequence[str]) -> Mapping[str, Sequence[str]]:
    return {flag: texts} if texts else {}


class EnvPart:
    """``--env`` and ``--env-file``; a name alone takes its value from our environment."""

    def create(self, build: Build, given: Given) -> None:
        """Files first, then flags; a later one of the same name takes the earlier one's value away."""
        variables: list[str] = []
        for path in given.get("env-file", ()):
            variables += env_file(build.around.text(path, "env-file"), path, build.around.environ)
        variables += [_resolved(text, build) for text in given.get("env", ())]
        kept: list[str] = []
        for variable in variables:
            name = variable.partition("=")[0]
            kept = [v for v in kept if v == variable or not v.startswith(f"{name}=")]
            kept.append(variable)
        assign(build.container, "Env", kept)

    def update(self, build: Build, given: Given) -> None:
        """Takes out by name; adds or replaces in place."""
        gone = set(given.get("env-rm", ()))
        variables = [v for v in build.container.get("Env") or () if _name(v) not in gone]
        if "env-add" in given:
            by_name = {_name(v): v for v in variables}
            by_name.update((_name(v), _resolved(v, build)) for v in given["env-add"])
            variables = list(by_name.values())
        assign(build.container, "Env", variables)

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """All variables as ``--env``."""
        return _if("env", [str(v) for v in reach(spec, *_CONTAINER, "Env") or ()])


def _name(variable: str) -> str:
    return variable.partition("=")[0]


def _resolved(text: str, build: Build) -> str:
    environ = build.around.environ
    return f"{text}={environ[text]}" if "=" not in text and text in environ else text


def env_file(text: str, path: str, environ: Mapping[str, str]) -> list[str]:
    """Variables of an env file (docker/cli ``pkg/kvfile``). Raises ``Refused``."""
    found: list[str] = []
    for line in text.split("\n"):
        line = line.removesuffix("\r").lstrip()
        if not line or line.startswith("#"):
            continue
        name, assigned, _ = line.partition("=")
        if not name:
            raise refuse(f"invalid env file ({path}): no variable name on line '{line}'", "env-file")
        if " " in name or "\t" in name:
            raise refuse(f"invalid env file ({path}): variable '{name}' contains whitespaces", "env-file")
        if assigned:
            found.append(line)
        elif line in environ:
            found.append(f"{line}={environ[line]}")
    return found


ENV = EnvPart()


class PreferencePart:
    """``--placement-pref``: a list in which the order counts."""

    _path = ("TaskTemplate", "Placement", "Preferences")

    def create(self, build: Build, given: Given) -> None:
        """Writes them in the order typed."""
        _parent(build, self._path)["Preferences"] = [_spread(v) for v in given["placement-pref"]]

    def update(self, build: Build, given: Given) -> None:
        """Takes out, then adds at the end."""
        parent = _parent(build, self._path)
        gone = set(given.get("placement-pref-rm", ()))
        kept = [p for p in parent.get("Preferences") or () if reach(p, "Spread", "SpreadDescriptor") not in gone]
        assign(parent, "Preferences", kept + [_spread(v) for v in given.get("placement-pref-add", ())])

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """``spread=…`` each."""
        found = [reach(p, "Spread", "SpreadDescriptor") for p in reach(spec, *self._path) or ()]
        return _if("placement-pref", [f"spread={descriptor}" for descriptor in found if descriptor])


def _spread(descriptor: str) -> Spec:
    return {"Spread": {"SpreadDescriptor": descriptor}}


PREFERENCES = PreferencePart()
