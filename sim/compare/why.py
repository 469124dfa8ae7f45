"""Why B differs from A: the difference split by channel, and a package split among its policies.

A *channel* (``sim.policies.channels``) is closed at a time, in paired runs: its part is what the difference loses,
``(B - A) - (B without - A without)``, replicate by replicate. ``A without`` is A itself unless A has, in another form,
policies in which the two differ and which act through the channel. What is left is a row of its own: money that changes
hands, and what channels do only together (or twice).

A *package* is split by Shapley values (Shapley 1953): the part of a policy is its mean contribution over all orders in
which the policies could be brought in. Each set of them is run, from ``MOST_EXACT`` policies on the sets that sampled
orders pass through (Castro, Gómez and Tejada 2009, doi:10.1016/j.cor.2008.04.004). The parts add up to the difference
in every replicate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import stdtrit

from sim.compare.build import build_setting, chosen_years
from sim.compare.displacement import build_displacement
from sim.compare.runs import pair, policy_changes, shared_years
from sim.compare.several import values_in
from sim.compare.statistics import mean_se
from sim.errors import UserError, nearest
from sim.experiments import run_request
from sim.experiments.aggregate import complete_years
from sim.experiments.identity import digest_of, folder_name
from sim.experiments.toolbox import standard_toolbox
from sim.observables import observable
from sim.policies.channels import CHANNELS, REACTIONS
from sim.policies.registry import behaviour_of
from sim.scenario.parting import parting
from sim.scenario.resolved import Closed
from sim.state.draws import uniform_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.compare.comparison import Displacement, Setting
    from sim.compare.runs import Floats
    from sim.experiments import Request, Run
    from sim.experiments.progress import Progress
    from sim.experiments.toolbox import Toolbox
    from sim.observables import Observable
    from sim.scenario.resolved import Policy, Scenario

MOST_EXACT: Final = 5
"""Policies of which all sets are run; of more, those that sampled orders pass through."""
ORDERS: Final = 4
"""Orders sampled, each also backwards, when there are more policies."""
MOST_WORDS: Final = 60
"""Characters of the name of a set of policies; a longer one is a hash."""
Players = frozenset[str]


@dataclass(frozen=True)
class Variant:
    """One run beside A and B: its reference, what the loader would have read, and the closed channel, if one is."""

    reference: str
    loaded: Any
    closed: str = ""


@dataclass(frozen=True)
class Plan:
    """What is to be run, and why.

    Attributes
    ----------
    b, a
        References of scenario and baseline.
    policies
        Policies in which they differ by id, as B has them, or A where B has none.
    channels
        Channels that are closed, one at a time; ``unused`` are those through which none of the policies can act.
    without_b, without_a
        Runs of B and of A by closed channel; of A as far as it has policies among them that act through the channel.
    sets
        Reference of the run of each set of policies that the split among them needs, A and B among them.
    orders
        Sampled orders of the policies; empty where all sets are run.
    given
        Overrides of both scenarios.
    """

    b: str
    a: str
    policies: Mapping[str, Policy]
    channels: tuple[str, ...]
    unused: tuple[str, ...]
    without_b: Mapping[str, Variant]
    without_a: Mapping[str, Variant]
    sets: Mapping[Players, str]
    between: tuple[Variant, ...]
    orders: tuple[tuple[str, ...], ...]
    given: tuple[str, ...]
    replicates: int

    @property
    def variants(self) -> tuple[Variant, ...]:
        """All runs besides A and B."""
        return (*self.without_b.values(), *self.without_a.values(), *self.between)

    @property
    def worlds(self) -> int:
        """Simulated worlds for each replicate: a run with reactions closed carries the baseline along."""
        return 2 + len(self.variants) + sum(one.closed == REACTIONS for one in self.variants)


@dataclass(frozen=True)
class Part:
    """One part of the difference: yuan, persons and so on of each pair, shape (pairs,)."""

    name: str
    values: Floats

    @property
    def mean(self) -> float:
        """Mean over the pairs: means of parts add up to the mean difference."""
        return float(self.values.mean())

    @property
    def error(self) -> float:
        """Half of the 95% interval of the mean, by Student's t; NaN with one pair."""
        n = self.values.size
        return float(stdtrit(n - 1, 0.975) * mean_se(self.values[:, None])[0]) if n > 1 else math.nan

    @property
    def positive(self) -> float:
        """Pairs in which the part is above zero; ties count half."""
        return float(np.count_nonzero(self.values > 0.0) + 0.5 * np.count_nonzero(self.values == 0.0))


@dataclass(frozen=True)
class Why:
    """The difference of B from A in one year, and its parts.

    Attributes
    ----------
    total
        B less A.
    channels
        One part for each channel, and as the last what is left (``rest``); empty when none was closed.
    policies
        One part for each policy; empty when the two differ in one policy alone.
    dropped
        Replicates that are not finished in every run.
    displacement
        From whom the places won orders in that year; None where it cannot be told.
    """

    plan: Plan
    setting: Setting
    variable: Observable
    at: int
    replicates: tuple[int, ...]
    total: Part
    channels: tuple[Part, ...]
    policies: tuple[Part, ...]
    dropped: int
    displacement: Displacement | None

    def share(self, part: Part) -> float:
        """Return a part's mean over the mean difference; NaN where the difference may as well be zero."""
        total, error = self.total.mean, self.total.error
        return part.mean / total if abs(total) > error else math.nan


# --- Shapley values --------------------------------------------------------------------------------------------------


def shapley(value: Mapping[Players, Floats], players: Sequence[str]) -> dict[str, Floats]:
    """Return the Shapley value of each player, shape of the values.

    ``phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))``.

    Parameters
    ----------
    value
        Of every set of players, the empty one too.
    """
    n = len(players)
    found = {}
    for player in players:
        others = [other for other in players if other != player]
        parts = []
        for size in range(n):
            weight = 1.0 / (n * math.comb(n - 1, size))
            for chosen in combinations(others, size):
                before = frozenset(chosen)
                parts.append(weight * (value[before | {player}] - value[before]))
        found[player] = np.sum(parts, axis=0)
    return found


def shapley_of_orders(
    value: Mapping[Players, Floats], players: Sequence[str], orders: Sequence[Sequence[str]]
) -> dict[str, Floats]:
    """Return each player's mean contribution over some orders: an unbiased estimate of its Shapley value."""
    parts: dict[str, list[Floats]] = {player: [] for player in players}
    for order in orders:
        before: Players = frozenset()
        for player in order:
            parts[player].append(value[before | {player}] - value[before])
            before = before | {player}
    return {player: np.mean(each, axis=0) for player, each in parts.items()}


def sampled_orders(players: Sequence[str], number: int, seed: int) -> tuple[tuple[str, ...], ...]:
    """Return some random orders of players, each also backwards, which makes up for where a player stands."""
    found = []
    for order in range(number):
        draws = {player: uniform_named(seed, "why.order", order, k) for k, player in enumerate(players)}
        forward = tuple(sorted(players, key=draws.__getitem__))
        found += [forward, forward[::-1]]
    return tuple(found)


def sets_of(players: Sequence[str], orders: Sequence[Sequence[str]] = ()) -> list[Players]:
    """Return the sets of players that are asked for: those on the way of the orders, or all when there are none."""
    if not orders:
        return [frozenset(chosen) for size in range(len(players) + 1) for chosen in combinations(players, size)]
    return list(dict.fromkeys(frozenset(order[:k]) for order in orders for k in range(len(players) + 1)))


# --- what to run -----------------------------------------------------------------------------------------------------


def plan(
    b: str,
    a: str,
    channels: Sequence[str] | None = None,
    given: Sequence[str] = (),
    *,
    at: int | None = None,
    split_policies: bool = True,
    orders: int = ORDERS,
    toolbox: Toolbox | None = None,
) -> Plan:
    """Return what has to be run to say why scenario ``b`` differs from baseline ``a``; nothing is run.

    Parameters
    ----------
    channels
        Those to close; None for all through which the policies can act, and reactions. An empty list for none.
    given
        Overrides of the command line, which count for both.
    at
        Year that will be asked for, looked at beforehand.
    split_policies
        Whether a package is split among its policies.
    orders
        Orders to sample for more than ``MOST_EXACT`` policies.

    Raises
    ------
    UserError
        When the two do not differ in policies alone, or not from a month of the run on, or a channel is unknown.
    """
    toolbox = toolbox or standard_toolbox()
    ours, theirs = toolbox.load(b, given), toolbox.load(a, given)
    changes = policy_changes(ours.scenario, theirs.scenario)
    since = _parted(ours.scenario, theirs.scenario, changes)
    chosen_years(_years(ours.scenario, theirs.scenario), at, None)
    acting = [_channels_of(one.scenario, changes) for one in (ours, theirs)]
    used = acting[0] | acting[1] | {REACTIONS}
    chosen = tuple(name for name in CHANNELS if name in (used if channels is None else _checked(channels)))
    before = theirs.scenario.policies
    old = {policy.id: policy for policy in before}

    def without(one: Any, channel: str) -> Variant:
        held = before if channel == REACTIONS else ()
        closed = Closed((channel,), tuple(changes), since, held)
        return _variant(one, f"without-{channel}", channel, closed=closed)

    sampled = sampled_orders(tuple(changes), orders, ours.scenario.seed) if len(changes) > MOST_EXACT else ()
    sets, between = _sets(ours, theirs, changes, sampled, (b, a)) if split_policies and len(changes) > 1 else ({}, [])
    return Plan(
        b=b,
        a=a,
        policies={name: policy or old[name] for name, policy in changes.items()},
        channels=chosen,
        unused=tuple(name for name in CHANNELS if name not in used),
        without_b={channel: without(ours, channel) for channel in chosen},
        without_a={channel: without(theirs, channel) for channel in chosen if channel in acting[1]},
        sets=sets,
        between=tuple(between),
        orders=sampled,
        given=tuple(given),
        replicates=ours.scenario.replicates,
    )


def _channels_of(scenario: Scenario, policies: Mapping[str, Policy | None]) -> set[str]:
    """Return the channels through which some of a scenario's policies can act."""
    types = {policy.type for policy in scenario.policies if policy.id in policies}
    return {channel for kind in types for channel in behaviour_of(kind).channels}


def _parted(b: Scenario, a: Scenario, changes: Mapping[str, Policy | None]) -> int:
    """Return the month in which two scenarios part, once it is sure that policies alone make them do so."""
    if not changes:
        raise UserError(f"{b.id} and {a.id} have the same policies: there is no difference to be split")
    since = parting(a, b)
    if since is None or since > min(a.time.end, b.time.end):
        raise UserError(f"{b.id} and {a.id} never differ in a simulated month: there is no difference to be split")
    if since < a.time.start:
        raise UserError(
            f"{b.id} and {a.id} differ before their first month: they must have world, places, parameters and scale\n"
            f"     in common, and policies that differ only from a month of the run on\n"
            f"     what they differ in: countysim scenario diff {a.id} {b.id}"
        )
    return since


def _years(b: Scenario, a: Scenario) -> list[int]:
    """Return the complete calendar years that both simulate."""
    start, end = max(b.time.start, a.time.start), min(b.time.end, a.time.end)
    years: list[int] = complete_years(start, end - start + 1).tolist()
    if not years:
        raise UserError(f"{b.id} and {a.id} simulate no complete calendar year in common")
    return years


def _checked(channels: Sequence[str]) -> set[str]:
    for name in channels:
        if name not in CHANNELS:
            hint = nearest(name, list(CHANNELS), "; did you mean {}?", 0.5)
            raise UserError(f'no channel "{name}"{hint}\n     channels: {", ".join(CHANNELS)}')
    return set(channels)


def _variant(loaded: Any, name: str, channel: str = "", **changes: Any) -> Variant:
    """Return a scenario of its own made of a loaded one: a variant of its name."""
    scenario = loaded.scenario
    head, _, variant = scenario.id.partition(":")
    identity = f"{head}:{variant}-{name}" if variant else f"{head}:{name}"
    return Variant(identity, replace(loaded, scenario=replace(scenario, id=identity, **changes)), channel)


def _sets(
    ours: Any, theirs: Any, changes: Mapping[str, Policy | None], orders: Sequence[Sequence[str]],
    references: tuple[str, str],
) -> tuple[dict[Players, str], list[Variant]]:  # fmt: skip
    """Return the reference of each set's run, and the runs of those that are neither all nor none."""
    found: dict[Players, str] = {frozenset(changes): references[0], frozenset(): references[1]}
    variants = []
    for chosen in sets_of(tuple(changes), orders):
        if chosen in found:
            continue
        policies = [policy for policy in theirs.scenario.policies if policy.id not in chosen]
        policies += [policy for name in sorted(chosen) if (policy := changes[name]) is not None]
        words = "-".join(["only", *sorted(chosen)])
        name = words if len(words) <= MOST_WORDS else f"only-{digest_of(sorted(chosen), 12)}"
        variants.append(_variant(ours, name, policies=tuple(policies)))
        found[chosen] = variants[-1].reference
    return found, variants


def run_why(todo: Plan, how: Request, progress: Progress | None = None) -> dict[str, Run]:
    """Run what a plan needs and return the runs by reference; what is finished already is reused.

    ``how`` names neither scenarios nor overrides: the plan does.

    Raises
    ------
    UserError, Stopped
        As ``sim.experiments.run_request``.
    """
    tools = standard_toolbox()
    made = {one.reference: one.loaded for one in todo.variants}

    def load(reference: str, overrides: Sequence[str]) -> Any:
        return made[reference] if reference in made else tools.load(reference, overrides)

    references = [todo.a, todo.b, *made]
    number = how.replicates or todo.replicates
    request = replace(how, references=references, replicates=number, overrides=todo.given)
    runs = run_request(request, progress, replace(tools, load=load))
    return dict(zip(references, runs, strict=True))


# --- reading ---------------------------------------------------------------------------------------------------------


def why(todo: Plan, runs: Mapping[str, Run], on: str = "output_value", at: int | None = None) -> Why:
    """Split the difference of B from A in a variable and year.

    Parameters
    ----------
    runs
        By reference, as ``run_why`` returns them.
    at
        Year; 2030, or the last year simulated, when None.

    Raises
    ------
    UserError
        When the runs do not hold the year or share no replicate.
    """
    variable = observable(on)
    year, _ = chosen_years(shared_years(list(runs.values())), at, None)
    pairing = pair(runs[todo.b], runs[todo.a])
    shared = np.array(pairing.replicates)
    for run in runs.values():
        shared = np.intersect1d(shared, run.replicates)
    if shared.size == 0:
        raise UserError("no replicate is finished in every run: countysim why again, with a longer --time-limit")
    found = {name: values_in(run, shared, on, year) for name, run in runs.items()}
    total = found[todo.b] - found[todo.a]
    parts = []
    for channel, variant in todo.without_b.items():
        base = todo.without_a[channel].reference if channel in todo.without_a else todo.a
        parts.append(Part(channel, total - (found[variant.reference] - found[base])))
    if parts:
        parts.append(Part("rest", total - np.sum([part.values for part in parts], axis=0)))
    values = {chosen: found[reference] for chosen, reference in todo.sets.items()}
    split: Mapping[str, Floats] = {}
    if values:
        exact = not todo.orders
        names = tuple(todo.policies)
        split = shapley(values, names) if exact else shapley_of_orders(values, names, todo.orders)
    tried = {*pairing.replicates, *(number for run in runs.values() for number in run.replicates.tolist())}
    return Why(
        plan=todo,
        setting=build_setting(runs[todo.b]),
        variable=variable,
        at=year,
        replicates=tuple(shared.tolist()),
        total=Part("total", total),
        channels=tuple(parts),
        policies=tuple(Part(name, values) for name, values in split.items()),
        dropped=len(tried) - int(shared.size),
        displacement=build_displacement(pairing, (year, year), year),
    )


def why_folder(found: Why, runs: Mapping[str, Run]) -> str:
    """Return the folder name of an answer: scenario, baseline, variable, year, and a hash of its runs."""
    b, a = (folder_name(runs[reference].scenario_id) for reference in (found.plan.b, found.plan.a))
    digest = digest_of([run.folder.name for run in runs.values()], 8)
    return f"{b}--why--{a}--{found.variable.name}-{found.at}--{digest}"
