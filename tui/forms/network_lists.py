"""What the list below each field of a network offers for what is typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backends.change import subnets
from backends.change.candidates import Candidate
from backends.change.driver_options import options_of
from backends.state.wording import listing
from tui.forms.network_facts import driver, following, seen, size_of, used
from tui.forms.spec import FormView


def subnet_list(view: FormView, typed: str) -> Sequence[Candidate]:
    """Free subnets that begin as typed; the next ones of the pools while nothing is."""
    meant = subnets.read(typed)
    found = [*following(view)]
    if meant is not None and meant.prefixlen:
        found = [*following(view, meant), *found]
    elif typed:
        found += _begun(view, typed)
    found = [text for text in dict.fromkeys(found) if text.startswith(typed) or meant is not None]
    return tuple(Candidate(text, f"free, {size_of(text)}") for text in found[:6])


def _begun(view: FormView, typed: str) -> Iterator[str]:
    """Free ones below the bytes that are typed so far: ``10.42.`` leads to ``10.42.0.0/24``."""
    parts = [p for p in typed.partition("/")[0].split(".") if p]
    if not 1 <= len(parts) <= 3 or any(not p.isdecimal() or int(p) > 255 for p in parts):
        return
    whole = parts if typed.endswith(".") else parts[:-1]
    if not whole:
        return
    base = ".".join([*whole, *["0"] * (4 - len(whole))])
    yield from subnets.free(used(view), ((f"{base}/{8 * len(whole)}", 24),), 3)


def gateway_list(view: FormView, typed: str) -> Sequence[Candidate]:
    """First and last address of each subnet."""
    found = []
    for subnet in map(subnets.read, view.list("subnet")):
        if subnet is None or subnet.num_addresses < 4:
            continue
        found.append(Candidate(str(subnet[1]), f"the first of {subnet}"))
        if subnet.version == 4:
            found.append(Candidate(str(subnet[-2]), f"the last of {subnet}"))
    return tuple(one for one in found if one.text.startswith(typed))


def parent_list(view: FormView, typed: str) -> Sequence[Candidate]:
    """Interfaces of this node."""
    machine = seen(view).machine(view.snapshot.node_id)
    found = machine.interfaces if machine is not None else ()
    return tuple(
        Candidate(i.name, ", ".join(i.addresses) or ("up" if i.up else "down"))
        for i in found
        if typed in i.name and not i.name.startswith(("veth", "docker", "br-"))
    )


def option_list(view: FormView, typed: str) -> Sequence[Candidate]:
    """Options of the driver, then what each takes."""
    key, given, _ = typed.partition("=")
    for option in options_of(driver(view)):
        if given and option.key == key:
            found = [Candidate(f"{key}={value}", option.help) for value in option.values]
            return tuple(one for one in found if one.text.startswith(typed))
    taken = {text.partition("=")[0] for text in view.list("opt")} - {key}
    return tuple(
        Candidate(f"{o.key}=", f"{o.help}; {o.takes}", more=True)
        for o in options_of(driver(view))
        if key.lower() in o.key.lower() and o.key not in taken
    )


def plan_list(view: FormView, typed: str) -> Sequence[Candidate]:
    """Networks that are only a plan."""
    plans: dict[str, list[str]] = {}
    for network in view.snapshot.networks.values():
        if network.config_only and typed in network.name:
            plans.setdefault(network.name, []).extend(network.subnets)
    return tuple(Candidate(name, listing(texts, 2)) for name, texts in sorted(plans.items()))
