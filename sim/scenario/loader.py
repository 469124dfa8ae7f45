"""Load a scenario: files, inheritance, variant, overrides, checks; everything that is wrong is told at once."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

from sim.errors import UserError
from sim.inputs.files import InputFile
from sim.inputs.problems import Findings, InputErrors, Problem, Spot, in_both, refused, words
from sim.inputs.quantities import at
from sim.inputs.tables import Named, check, listed, near
from sim.policies.registry import PolicyFolderError, PolicyType, behaviour_of, policy_types
from sim.scenario import checks
from sim.scenario.chain import Chain, Item, read_chain
from sim.scenario.drafts import Draft, build_drafts, draft_of
from sim.scenario.fields import FILE_KEYS, FileHead, Resolved, Variant
from sim.scenario.fields import Body as BodyTable
from sim.scenario.overlay import open_scenario
from sim.scenario.place_doubts import crowded_markets
from sim.scenario.place_sets import load_places
from sim.scenario.resolved import Place, Scenario, TimeSpan, World
from sim.scenario.scenario_files import find_file, known_inputs, known_sets, locate
from sim.scenario.whereabouts import Whereabouts
from sim.scenario.worlds import load_world
from sim.units import month_text, shown

EXAMPLES_OF_BODY = {
    "world": 'world = "central"',
    "time.start": '[time]  start = "2023-01"',
    "time.reported_until": '[time]  reported_until = "2024-10"',
    "time.end": '[time]  end = "2030-12"',
    "run.replicates": "[run]  replicates = 100",
    "run.seed": "[run]  seed = 20250108",
    "place": 'place = "yongnian"',
}
"""What a scenario has to state, here or in a file it extends, and how."""


@dataclass(frozen=True)
class AssumedValue:
    """A value nobody published."""

    policy: str
    field: str
    value: str
    spot: Spot


@dataclass(frozen=True)
class Loaded:
    """A scenario and where everything in it comes from.

    Attributes
    ----------
    scenario
        May still hold ``Uncertain`` values; see ``realise``.
    warnings
        Doubts and notes; none of them forbids a run.
    origins
        File and line of each value by dotted path; a value in force from a later month has ``@2026-01`` after it.
    assumed
        Values nobody published.
    calibration
        Id of the fitted parameter draws, or None for draws of the priors.
    variants
        Ids of the variants of the file.
    files
        The files it was read from, oldest ancestor first.
    """

    scenario: Scenario
    warnings: tuple[Problem, ...]
    origins: Mapping[str, Spot]
    assumed: tuple[AssumedValue, ...]
    calibration: str | None
    variant: str | None
    variants: Mapping[str, Variant]
    files: tuple[Path, ...]
    accepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place_ids: tuple[str, ...] = ()
    """Places as the file names them; a set stands for all of its places."""


def load(reference: str | Path, *, overrides: Iterable[str] = ()) -> Loaded:
    """Return the scenario a reference names, with everything it inherits.

    Parameters
    ----------
    reference
        Id of a scenario, ``id:variant``, or a path to a ``.toml`` file (``path.toml:variant`` as well).
    overrides
        Settings such as ``"policy.fair.booths=500"``, applied after the variant and in order.

    Raises
    ------
    InputErrors
        With every problem found, each with file, line and the way out.
    """
    read_policy_types()
    findings = Findings()
    return _assemble(*open_scenario(str(reference), overrides, findings), findings)


def load_to_run(reference: str | Path, *, overrides: Iterable[str] = ()) -> Loaded:
    """Load a scenario and import what policy types of the workspace do, so that mistakes are told before any work."""
    loaded = load(reference, overrides=overrides)
    known = read_policy_types()
    with _policy_folders():
        for kind in {policy.type for policy in loaded.scenario.policies}:
            if known[kind].of_workspace:
                behaviour_of(kind)
    return loaded


def read_policy_types() -> Mapping[str, PolicyType]:
    """Return all policy types; a mistake in a folder of the workspace is told like any other (``InputErrors``)."""
    with _policy_folders():
        return policy_types()


@contextlib.contextmanager
def _policy_folders() -> Iterator[None]:
    try:
        yield
    except PolicyFolderError as error:
        raise refused("broken_type", Spot(error.file, error.line), what=error.what) from error


def _assemble(
    chain: Chain, variant: str | None, variants: Mapping[str, Variant], dropped: list[Item], findings: Findings
) -> Loaded:
    body = _body(chain, findings)
    chain.reported_until = None if body is None else body.time.reported_until
    drafts = build_drafts(chain, findings)
    _check_dropped(chain, dropped, findings)
    places = _places(chain, body, findings)
    worlds = _worlds(chain, body, findings)
    checks.calibration(body, chain.body, findings)
    goals = checks.goals(chain, places, findings)
    parameters = checks.parameters(chain.body, findings)
    Whereabouts(drafts, places, findings).settle()
    head = chain.heads[-1]
    if body is None or head is None or not worlds or not places:
        findings.stop_if_wrong()
        raise AssertionError("a part is only missing when an error was noted")
    findings.stop_if_wrong()
    time = TimeSpan(int(body.time.start or 0), int(body.time.reported_until or 0), int(body.time.end or 0))
    names = _names(chain, head, variants.get(variant or ""), variant)
    scenario = Scenario(
        **names,
        places=places,
        world=worlds[len(worlds) // 2],
        worlds=worlds if len(worlds) > 1 else (),
        time=time,
        replicates=int(body.run.replicates or 0),
        seed=int(body.run.seed or 0),
        firms_per_agent=body.run.firms_per_agent,
        policies=tuple(draft.policy([place.id for place in places]) for draft in drafts.values()),
        goals=goals,
        parameters=parameters,
    )
    accepted = {draft.head.id: draft.head.accept for draft in drafts.values()}
    checks.doubts(scenario, drafts, findings)
    origins = _origins(chain, drafts)
    return Loaded(
        scenario=scenario,
        warnings=findings.warnings,
        origins=origins,
        assumed=_assumed(drafts),
        calibration=body.calibration,
        variant=variant,
        variants=variants,
        files=tuple(document.path for document in chain.documents),
        accepted=accepted,
        place_ids=_place_ids(body),
    )


def _names(chain: Chain, head: FileHead, table: Variant | None, variant: str | None) -> dict[str, Any]:
    """Return id, names, kind, question and baseline."""
    resolved = chain.body.raw.get("resolved")
    own = Resolved.model_validate(resolved) if isinstance(resolved, dict) and "resolved" in chain.own.data else None
    ancestors = list(zip(chain.documents[:-1], chain.heads[:-1], strict=True))
    baselines = [document.id for document, known in ancestors if known is not None and known.kind == "baseline"]
    baseline = baselines[-1] if baselines else (ancestors[0][0].id if ancestors else None)
    identifier = chain.own.id if variant is None else f"{chain.own.id}:{variant}"
    name, name_zh = head.name, head.name_zh or head.name
    if table is not None:
        name, name_zh = table.name, table.name_zh or table.name
    return {
        "id": own.id if own else identifier,
        "name": name,
        "name_zh": name_zh,
        "kind": head.kind,
        "question": (table.question if table is not None else "") or head.question,
        "baseline": (own.baseline or None) if own else baseline,
    }


def _body(chain: Chain, findings: Findings) -> BodyTable | None:
    """Check the merged keys of the scenario and ask for those that no file states."""
    data = {key: value for key, value in chain.body.raw.items() if key not in ("parameters", "resolved")}
    named = Named("the scenario", "情景", "", chain.body.spot, file_keys=FILE_KEYS)
    body = check(BodyTable, data, named, findings)
    resolved = chain.body.raw.get("resolved")
    if resolved is not None:
        inside = Named(
            "resolved", "resolved", "[resolved]", lambda path: chain.body.spot(("resolved", *path)), file_keys=FILE_KEYS
        )
        check(Resolved, resolved if isinstance(resolved, dict) else {"id": resolved}, inside, findings)
    if body is None or not chain.complete:
        return body
    before = len(findings.problems)
    for key, example in EXAMPLES_OF_BODY.items():
        value = (body.place or body.places or None) if key == "place" else attrgetter(key)(body)
        if value is None or value == ():
            values = {"table": words("scenario"), "keys": f'"{key}"', "hint": example}
            findings.add("missing_key", chain.own.spot(key.split(".")[0]), **values)
    if body.place is not None and body.places:
        findings.add("place_or_places", chain.body.spot(("places",)))
    time = body.time
    for early, late in (("start", "end"), ("start", "reported_until")):
        first, last = getattr(time, early), getattr(time, late)
        if first is not None and last is not None and last < first:
            values = {"late_key": f"time.{late}", "late": month_text(last)}
            values |= {"early_key": f"time.{early}", "early": month_text(first)}
            findings.add("month_order", chain.body.spot(("time", late)), **values)
    return body if len(findings.problems) == before else None


def _check_dropped(chain: Chain, dropped: list[Item], findings: Findings) -> None:
    """Refuse a variant that drops an inherited policy with a past, unless the question is counterfactual."""
    for item in dropped:
        draft = draft_of(item, Findings())
        if draft is not None and chain.alters_the_past(chain.own, draft.head.start):
            what = {lang: words("dropping")[lang] + name for lang, name in item.label.items()}
            chain.note_past("alters_the_past", chain.own.spot("variant"), findings, what)


def _places(chain: Chain, body: BodyTable | None, findings: Findings) -> tuple[Place, ...]:
    """Return the places of a scenario; a set stands for all of its places."""
    if body is None:
        return ()
    ids = _place_ids(body)
    key = "places" if body.places else "place"
    found = [_input(key, identifier, load_places, chain, findings) for identifier in ids]
    if None in found:
        return ()
    places = tuple(place for group, _ in found for place in group)
    # That nothing is reported is said with the count of assumed starting values.
    findings.problems += [doubt for _, doubts in found for doubt in doubts if doubt.code.startswith("W")]
    _repeated("place_id", key, (place.id for place in places), chain, findings)
    for industry, share in crowded_markets(places).items():
        findings.add("crowded_market", chain.body.spot((key,)), industry=industry, share=f"{100 * share:.3g}%")
    return places


def places_named(reference: str) -> set[str]:
    """Return the ids of the places and sets a scenario names, and of the members of its sets; only files are read.

    Raises ``UserError`` when there is no such scenario, or its files cannot be read.
    """
    path, _ = locate(reference)
    findings = Findings()
    chain = read_chain(path, findings)
    findings.stop_if_wrong()
    given = chain.body.raw.get("places") or [chain.body.raw.get("place", "")]
    found = {str(place) for place in given}
    for identifier in found.intersection(known_sets()):
        data = InputFile(find_file("places", identifier)).data
        found |= {str(member) for member in data.get("members", [])}
    return found


def _place_ids(body: BodyTable) -> tuple[str, ...]:
    return body.places or ((body.place,) if body.place is not None else ())


def _worlds(chain: Chain, body: BodyTable | None, findings: Findings) -> tuple[World, ...]:
    """Return the world of a scenario, or those its replicates meet in turn; none when one of them is wrong."""
    if body is None or body.world is None:
        return ()
    names = (body.world,) if isinstance(body.world, str) else body.world
    if _repeated("world", "world", names, chain, findings):
        return ()
    found = [_input("world", name, load_world, chain, findings) for name in names]
    if None in found:
        return ()
    if body.time.start is not None and body.time.end is not None:
        for world in found:
            checks.world_covers(world, body.time.start, body.time.end, chain.body, findings)
    return tuple(found)


def _repeated(what: str, key: str, names: Iterable[str], chain: Chain, findings: Findings) -> bool:
    """Note a name that stands twice and return whether one does."""
    repeated = next((name for name, number in Counter(names).items() if number > 1), None)
    if repeated is not None:
        spot = chain.body.spot((key,))
        findings.add("twice", spot, what=words(what), id=repeated, other=spot.line)
    return repeated is not None


def _input(key: str, identifier: str, loader: Any, chain: Chain, findings: Findings) -> Any:
    """Load a place or world, or note that there is none or what is wrong with its file."""
    kind, spot = key.removesuffix("s"), chain.body.spot((key,))
    known = known_inputs(f"{kind}s") + (known_sets() if kind == "place" else ())
    named = {"key": key, "value": shown(identifier), "what": words(kind)}
    if identifier not in known:
        findings.add("unknown_thing", spot, **named, near=near(identifier, known), known=listed(known))
        return None
    try:
        return loader(identifier)
    except UserError as error:
        told = error.problems if isinstance(error, InputErrors) else ()
        if told and all(problem.spot.file for problem in told):
            findings.problems += told
        else:
            detail = {lang: " ".join(text.split()) for lang, text in in_both(error).items()}
            findings.add("broken_input", spot, **named, detail=detail)
    return None


def _origins(chain: Chain, drafts: Mapping[str, Draft]) -> dict[str, Spot]:
    """Return the place in a file of every value, by dotted path."""
    origins = {
        ".".join(str(part) for part in path): spot
        for path, spot in chain.body.spots.items()
        if path and path[0] != "resolved"
    }
    for draft in drafts.values():
        prefix = f"policy.{draft.head.id}"
        for path in [*((key,) for key in draft.item.raw), *checks.leaf_paths(draft.item.raw)]:
            origins[".".join([prefix, *(str(part) for part in path)])] = draft.item.spot(path)
        for path, _, spot in draft.item.amendments:
            origins[".".join([prefix, *path])] = spot
        origins |= draft.change_spots
    return origins


def _assumed(drafts: Mapping[str, Draft]) -> tuple[AssumedValue, ...]:
    """Return every value that a policy lists as assumed."""
    found = []
    for draft in drafts.values():
        for name in draft.head.assumed:
            value, spot = at(draft.item.raw, name), draft.item.spot(tuple(name.split(".")))
            found.append(AssumedValue(draft.head.id, name, shown(value) if value is not None else "-", spot))
    return tuple(found)
