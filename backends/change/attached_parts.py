"""Networks, secrets and configs of a service: named by people, by ID in the spec. What to look up is only noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backends.change.flag_error import refuse
from backends.change.part import Build, Given, Names, Spec, assign, reach
from backends.change.reference_value import CONFIG, SECRET, show_attachment


class NetworkPart:
    """``--network``."""

    def create(self, build: Build, given: Given) -> None:
        """Notes the attachments; their IDs are looked up."""
        build.networks += [dict(attachment) for attachment in given["network"]]

    def update(self, build: Build, given: Given) -> None:
        """Notes what comes and what goes."""
        build.networks_removed += dict.fromkeys(given.get("network-rm", ()))
        build.networks += [dict(attachment) for attachment in given.get("network-add", ())]

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """Each by name; old specs have them outside the task template."""
        found = reach(spec, "TaskTemplate", "Networks") or spec.get("Networks") or ()
        shown = [show_attachment({**n, "Target": names.network(n.get("Target", ""))}) for n in found]
        return {"network": shown} if shown else {}


NETWORKS = NetworkPart()


@dataclass(frozen=True)
class References:
    """``--secret`` or ``--config``."""

    flag: str

    @property
    def _name(self) -> str:
        return f"{self.flag.capitalize()}Name"

    @property
    def _field(self) -> str:
        return f"{self.flag.capitalize()}s"

    def create(self, build: Build, given: Given) -> None:
        """Notes them; their IDs are looked up."""
        self._note(build, given[self.flag])

    def update(self, build: Build, given: Given) -> None:
        """Takes out by name and notes what comes. A config that a credential spec needs stays."""
        gone = set(given.get(f"{self.flag}-rm", ()))
        kept = [
            reference
            for reference in build.container.get(self._field) or ()
            if reference.get(self._name) not in gone or reference.get("Runtime") is not None
        ]
        assign(build.container, self._field, kept)
        self._note(build, given.get(f"{self.flag}-add", ()))

    def _note(self, build: Build, references: Sequence[Any]) -> None:
        seen: set[str] = set()
        for reference in references:
            file = reference["File"]["Name"]
            if file in seen:
                sentence = f"duplicate {self.flag} target for {reference[self._name]} not allowed"
                raise refuse(sentence, self.flag, f"another target, as source={reference[self._name]},target=NAME")
            seen.add(file)
        pending = build.secrets if self.flag == "secret" else build.configs
        # Before those of a credential spec, which are looked up last.
        at = sum(1 for reference in pending if "Runtime" not in reference)
        pending[at:at] = [{**reference, "File": dict(reference["File"])} for reference in references]

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """Each in its shortest form; those of a credential spec come with it."""
        show = (SECRET if self.flag == "secret" else CONFIG).show
        found = reach(spec, "TaskTemplate", "ContainerSpec", self._field) or ()
        shown = [show(reference) for reference in found if reference.get("File") is not None]
        return {self.flag: shown} if shown else {}


SECRETS = References("secret")
CONFIGS = References("config")
