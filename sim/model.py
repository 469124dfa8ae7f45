"""The month as a table of contents, and one run from start to end."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agents import governments
from sim.agents.governments import CountyGovernment, Government, ProvincialGovernment, Purse
from sim.errors import UserError
from sim.month import accounts, calendar, demography, market, plans, search
from sim.month.notebook import Notebook
from sim.policies import acting, channels
from sim.policies.classification import holds_level
from sim.policies.registry import behaviour_of, policy_types
from sim.scenario.parting import parting, share_past
from sim.scenario.payers import check_payers
from sim.start.beginning import begin, burn_in
from sim.state.record import ReplicateRecord
from sim.state.state import number_of

if TYPE_CHECKING:
    from sim.parameters.groups import Parameters
    from sim.scenario.resolved import Scenario


class SimulationError(RuntimeError):
    """A run failed; ``month`` is the month number in which it did."""

    def __init__(self, month: int, text: str) -> None:
        super().__init__(month, text)
        self.month = month

    def __str__(self) -> str:
        return str(self.args[1])


class ClusterModel:
    """One simulated world: the places of a scenario, their firms, buyers, governments and institutions.

    Parameters
    ----------
    scenario
        Realised: no uncertain numbers left.
    parameters
        Values of all parameters.
    seed
        Seed of the replicate (``sim.state.draws.replicate_seed``); every draw is keyed by it.
    past
        A run of another scenario that has not differed so far (``sim.scenario.parting``): this one goes on from a copy.

    Attributes
    ----------
    given
        The scenario as it was given; ``resolved`` holds the world as the industries of its places meet it.
    baseline
        Run of the baseline beside this one where reactions are closed (``sim.policies.channels``); else None.

    Notes
    -----
    Building the model draws the starting population and lets it settle; the first ``step`` is the first month. To look
    at firms, buyers, governments and institutions as Mesa agents, build a ``sim.mesa_model.MesaModel`` instead.
    """

    def __init__(self, scenario: Scenario, parameters: Parameters, seed: int, past: ClusterModel | None = None) -> None:
        self.given = scenario
        self.baseline: ClusterModel | None = None
        world = calendar.with_relative_growth(scenario.world, scenario.time.start, parameters.demand)
        scenario = replace(scenario, world=world)
        check_payers(scenario.policies)
        self.resolved = scenario
        policy_types()  # their observables are columns of the record
        if past is None:
            self.state, self.levels = begin(scenario, parameters, seed)
            self.notebook = Notebook(scenario)
            self.anchors: dict[str, Any] = {}
            self._create_agents()
            burn_in(self)
        else:
            self._go_on_from(past)

    def step(self) -> None:
        """Simulate one month."""
        channels.hold_reactions(self)
        # 1. Calendar and world
        calendar.advance(self.state)
        # 2. Governments
        governments.take_in(self)
        # 3. Entry
        demography.enter_market(self.state)
        # 4. Plans
        plans.form_expectations(self.state)
        plans.diffuse_awareness(self.state)
        # 5. Institutions: fairs bring contacts, funds and parks change prices before firms decide
        acting.act(self)
        plans.invest(self.state)
        # 6. Orders
        market.price(self.state)
        market.order(self.state)
        # 7. Labour
        market.hire_workers(self.state)
        channels.hold_wage(self)
        # 8. Production
        market.inspect(self.state)
        market.make_goods(self.state)
        # 9. Settlement; the month is added up here, before links and firms change
        market.settle(self.state)
        plans.count_upgrades(self.state)
        accounts.update_market_accounts(self.state)
        accounts.measure(self.state)
        # 10. Links
        search.renew(self.state)
        # 11. Learning and exit
        demography.learn_and_age(self.state)
        demography.leave(self.state)
        acting.forget(self)
        # 12. Accounts and record
        accounts.close(self.state)
        self.notebook.write_down(self.state)

    def designated(self, reference: str, place: int) -> bool:
        """Return whether a place is designated: by a policy (its id), or at a level or above (``designated:city``)."""
        level = reference.partition("designated:")[2]
        if level:
            return holds_level(self.state, place, level)
        return place in self.designations.get(reference, ())

    def branch(self, scenario: Scenario) -> ClusterModel:
        """Return a model that goes on from here with other policies, which have made no difference so far."""
        return ClusterModel(scenario, self.state.parameters, self.state.seed, self)

    # --- setting up -----------------------------------------------------------------------------------------------

    def class_of(self, behaviour: type[Any]) -> type[Any]:
        """Return the class of which a government or an institution with a behaviour is made: the behaviour itself."""
        return behaviour

    def _create_agents(self) -> None:
        state, places = self.state, self.resolved.places
        self.governments: dict[tuple[str, int], Government] = {}
        for position, place in enumerate(places):
            self.governments["county", position] = self.class_of(CountyGovernment)(self, place.id, (position,))
        self.provinces: list[ProvincialGovernment] = []
        for code in dict.fromkeys(place.province for place in places):
            members = tuple(position for position, place in enumerate(places) if place.province == code)
            self.provinces.append(province := self.class_of(ProvincialGovernment)(self, code, members))
            self.governments.update({("province", position): province for position in members})
        self.institutions: list[Any] = []
        self.designations: dict[str, set[int]] = {}
        for number, policy in enumerate(self.resolved.policies):
            kind = self.class_of(behaviour_of(policy.type))
            where = [state.place_ids.index(place) for place in policy.where]
            groups = [where] if kind.for_all_places else [[place] for place in where]
            self.institutions += [kind(self, policy, number, tuple(group)) for group in groups]
        self.institutions.sort(key=lambda institution: institution.turn)
        self.purse = Purse(self)

    def _go_on_from(self, past: ClusterModel) -> None:
        """Take over a copy of all that has come about in a run of other policies."""
        numbers = {policy.id: number for number, policy in enumerate(self.resolved.policies)}
        to = np.array([*(numbers.get(policy.id, -1) for policy in past.resolved.policies), -1], dtype=np.int64)
        self.state, self.notebook = past.state.branch(to, len(numbers)), past.notebook.branch(self.resolved, to)
        self.levels, self.anchors, self.state.series = past.levels, copy.deepcopy(past.anchors), self.resolved.world
        self._create_agents()
        known = {id(past): self, id(past.state): self.state}
        before = {(each.policy.id, each.places): each for each in past.institutions}
        new = [each for each in self.institutions if (each.policy.id, each.places) not in before]
        month, self.state.month = self.state.month, self.state.burn_in_from
        for institution in new:  # opens its books as it would have done at the start, when it was not in force
            institution.start()
        self.state.month = month
        pairs = [(past.governments[key], government) for key, government in self.governments.items()]
        pairs += [(before[each.policy.id, each.places], each) for each in self.institutions if each not in new]
        known |= {id(old): twin for old, twin in pairs}
        for old, twin in pairs:
            books = {name: value for name, value in vars(old).items() if name not in NOT_IN_THE_BOOKS}
            twin.__dict__.update(copy.deepcopy(books, known))
        self.designations |= copy.deepcopy({name: held for name, held in past.designations.items() if name in numbers})


NOT_IN_THE_BOOKS = frozenset({"model", "unique_id", "pos", "policy", "position"})
"""What a government or an institution has as an agent or from its scenario, not from what happened."""


def simulate(
    scenario: Scenario,
    parameters: Parameters,
    seed: int,
    *,
    panel: bool = False,
    until: int | None = None,
    on_month: Callable[[int], None] | None = None,
) -> ReplicateRecord:
    """Run a scenario once; as ``simulate_together`` for one, but what goes wrong is raised."""
    ((_, result),) = simulate_together([(scenario, parameters)], seed, panels=[panel], until=until, on_month=on_month)
    if isinstance(result, Exception):
        raise result
    return result


def simulate_together(
    runs: Sequence[tuple[Scenario, Parameters]],
    seed: int,
    *,
    panels: Sequence[bool] = (),
    until: int | None = None,
    on_month: Callable[[int], None] | None = None,
) -> Iterator[tuple[int, ReplicateRecord | Exception]]:
    """Run scenarios once each with the same seed; those that have a past in common live it once.

    Parameters
    ----------
    runs
        Scenarios and parameters, as for ``ClusterModel``.
    panels
        Whether to keep the yearly firm panel of each run; of none when left out.
    until
        Last month number to simulate; each scenario's end when left out.
    on_month
        Called with the month number after each simulated month.

    Yields
    ------
    tuple
        Position of a run and its record, as soon as it is done; or what went wrong: a ``SimulationError`` with its
        month, or a ``UserError``. Each run is as it would be alone.
    """
    tree = _Tree(runs, seed, panels or [False] * len(runs), until, on_month)
    left = list(range(len(runs)))
    while left:
        first = tree.longest(left)
        together = [number for number in left if number == first or tree.share(first, number)]
        left = [number for number in left if number not in together]
        yield from tree.grow(together, first)


def _failed(month: int, cause: Exception) -> SimulationError:
    error = SimulationError(month, f"{month // 12}-{month % 12 + 1:02d}: {type(cause).__name__}: {cause}")
    error.__cause__ = cause
    return error


@dataclass
class _Tree:
    """Runs that branch off from one another in the month in which they first differ."""

    runs: Sequence[tuple[Scenario, Parameters]]
    seed: int
    panels: Sequence[bool]
    until: int | None
    on_month: Callable[[int], None] | None

    def last(self, number: int) -> int:
        """Return the last month number of a run."""
        end = self.runs[number][0].time.end
        return end if self.until is None else min(self.until, end)

    def longest(self, numbers: Sequence[int]) -> int:
        """Return the run that ends last: the others may branch off from it."""
        return max(numbers, key=lambda number: self.runs[number][0].time.end)

    def share(self, one: int, other: int) -> bool:
        """Return whether two runs have the start in common."""
        return self.runs[one][1] == self.runs[other][1] and share_past(self.runs[one][0], self.runs[other][0])

    def leaves(self, trunk: int, branch: int) -> int:
        """Return the month in which a run leaves another: when they differ, at the latest in its last month."""
        month = parting(self.runs[trunk][0], self.runs[branch][0])
        return self.last(branch) if month is None else min(month, self.last(branch))

    def grow(
        self, numbers: list[int], trunk: int, past: ClusterModel | None = None
    ) -> Iterator[tuple[int, ReplicateRecord | Exception]]:
        """Run ``trunk`` to its end, from the beginning or a past, and the others of ``numbers`` as they leave it."""
        (scenario, parameters), model = self.runs[trunk], None
        month = scenario.time.start if past is None else past.state.month
        leaving = {number: self.leaves(trunk, number) for number in numbers if number != trunk}
        try:
            model = ClusterModel(scenario, parameters, self.seed, past)
            model.notebook.keeps_panel = any(self.panels[number] for number in numbers)
            for month in range(model.state.month, self.last(trunk) + 1):
                while gone := [number for number, when in leaving.items() if when <= month]:
                    branch = self.longest(gone)
                    together = [number for number in gone if number == branch or self.leaves(branch, number) > month]
                    leaving = {number: when for number, when in leaving.items() if number not in together}
                    yield from self.grow(together, branch, model)
                model.step()
                if self.on_month is not None:
                    self.on_month(month)
            model.notebook.keeps_panel = self.panels[trunk]
            yield trunk, model.notebook.record(model.anchors, digest(model))
        except Exception as cause:
            yield trunk, cause if isinstance(cause, UserError) else _failed(month, cause)
            # Whether the others fail as well they find out without it.
            if leaving:
                yield from self.grow(list(leaving), self.longest(list(leaving)), past)


def digest(model: ClusterModel) -> str:
    """Return a hash of every firm and buyer column and every account: equal digests mean equal runs.

    A firm's park counts by its id, so that policies which do nothing leave the digest.
    """
    state, code = model.state, hashlib.blake2b(digest_size=8)
    park_ids = np.array([*(number_of(policy.id) for policy in model.resolved.policies), -1])
    firms = state.firms._replace(park=park_ids[state.firms.park])
    for table, count in ((firms, state.count), (state.buyers, state.buyers.slot.size)):
        for array in table:
            code.update(np.ascontiguousarray(array[:count]).tobytes())
    for name, balance in state.ledger.balances.items():
        code.update(f"{name}={balance.hex()};".encode())
    return code.hexdigest()
