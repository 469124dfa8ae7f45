"""The month as a table of contents, and one run from start to end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agents.governments import CountyGovernment, Government, ProvincialGovernment
from sim.month import accounts, calendar, entry, money, orders, plans, survival, ties, work
from sim.month.notebook import Notebook
from sim.policies.acting import behaviour_of
from sim.policies.classification import holds_level
from sim.policies.plots import plots_used
from sim.policies.terms import policy_types
from sim.start.beginning import begin, settle
from sim.state import draws
from sim.state.record import ReplicateRecord

if TYPE_CHECKING:
    from sim.parameters.groups import Parameters
    from sim.scenario.resolved import Scenario
    from sim.state.columns import F8, I8


class SimulationError(RuntimeError):
    """A run failed; ``month`` is the month number in which it did."""

    def __init__(self, month: int, cause: BaseException) -> None:
        super().__init__(f"{month // 12}-{month % 12 + 1:02d}: {type(cause).__name__}: {cause}")
        self.month = month

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild_error, (self.month, str(self)))


def _rebuild_error(month: int, text: str) -> SimulationError:
    error = SimulationError(month, RuntimeError(text))
    error.args = (text,)
    return error


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

    Notes
    -----
    Building the model draws the starting population and lets it settle; the first ``step`` is the first month. To look
    at firms, buyers, governments and institutions as Mesa agents, build a ``sim.mesa_model.MesaModel`` instead.
    """

    def __init__(self, scenario: Scenario, parameters: Parameters, seed: int) -> None:
        world = calendar.with_relative_growth(scenario.world, scenario.time.start, parameters.demand)
        scenario = replace(scenario, world=world)
        self.resolved = scenario
        self.first_month = scenario.time.start
        self.state, self.blocks, self.levels, self.settled_from = begin(scenario, parameters, seed)
        policy_types()  # their observables are columns of the record
        self.notebook = Notebook(scenario)
        self.anchors: dict[str, Any] = {}
        self.entered = self.left = np.empty(0, dtype=np.int64)
        self._create_agents()
        settle(self)

    def step(self) -> None:
        """Simulate one month."""
        # 1. Calendar and world
        calendar.advance(self.state, self.resolved.world, self.frozen_at)
        # 2. Governments
        self.let_governments_act()
        # 3. Entry
        self.let_firms_enter()
        # 4. Plans
        plans.form_expectations(self.state)
        plans.spread_the_word(self.state)
        # 5. Institutions: fairs bring contacts, funds and parks change prices before firms decide
        self.let_institutions_act()
        self.let_firms_invest()
        # 6. Orders
        orders.price(self.state)
        orders.order(self.state)
        # 7. Labour
        work.hire_workers(self.state)
        # 8. Production
        work.inspect(self.state)
        work.make_goods(self.state)
        # 9. Settlement; the month is added up here, before links and firms change
        money.settle(self.state)
        money.discharge(self.state)
        accounts.update_market_accounts(self.state)
        measured = accounts.measure(self.state)
        # 10. Links
        ties.renew(self.state, self.settled_from)
        # 11. Learning and exit
        survival.learn_and_age(self.state)
        self.let_firms_leave()
        # 12. Accounts and record
        accounts.close(self.state)
        self.take_notes(measured)

    # --- what the month is made of --------------------------------------------------------------------------------

    def let_governments_act(self) -> None:
        """Let every government close last month's budget and take in this month's money."""
        for government in dict.fromkeys(self.governments.values()):
            government.step()

    def let_institutions_act(self) -> None:
        """Let every institution act, in the order of the scenario's policies."""
        self.state.reset_levers()
        for institution in self.institutions:
            institution.step()

    def let_firms_enter(self) -> None:
        """Let candidates enter."""
        self.entered = entry.enter_market(self.state, self.blocks)

    def let_firms_invest(self) -> None:
        """Let the other firms buy machines and upgrades."""
        rows, spending = plans.invest(self.state)
        self.notebook.purchases(self.state, rows, spending, np.zeros(rows.size), -1)
        plans.count_upgrades(self.state)

    def let_firms_leave(self) -> None:
        """Close firms."""
        self.left = survival.leave(self.state)

    def take_notes(self, measured: F8) -> None:
        """Record the month, once the run has begun, and turn to the next."""
        if self.state.month >= self.first_month:
            self.notebook.month(self.state, measured, self.entered, self.left)
        self.state.month += 1

    # --- what agents and institutions ask for ---------------------------------------------------------------------

    @property
    def frozen_at(self) -> int | None:
        """Month at which the world stands still while the start settles; None once the run has begun."""
        return self.first_month if self.state.month < self.first_month else None

    def government(self, level: str, place: int) -> Government:
        """Return the government of a level (``county``, ``province``) for a place."""
        return self.governments[level, place]

    def policy_number(self, identity: str) -> int:
        """Return the number that keys a policy's draws: a hash of its id, so that other policies do not shift it."""
        return draws.stream(identity) >> 1

    def designated(self, reference: str, place: int) -> bool:
        """Return whether a place is designated: by a policy (its id), or at a level or above (``designated:city``)."""
        level = reference.partition("designated:")[2]
        if level:
            return holds_level(self.state, place, level)
        return place in self.designations.get(reference, ())

    def plots_used(self, position: int) -> float:
        """Return plots taken in a park, by position of its policy."""
        return plots_used(self.state, position)

    def note_purchases(self, rows: I8, spending: Any, grants: Any, policy: int, place: int) -> None:
        """Note purchases made with a grant (yuan per firm)."""
        self.notebook.purchases(self.state, rows, spending, grants, policy)

    def book_money(self, policy: int, payer: int, stage: int, amount: float) -> None:
        """Add public money of a policy to the record (yuan)."""
        self.notebook.money(self.state.month, policy, payer, stage, amount)

    def book_stage(self, policy: int, payer: Any, stage: str, amount: float) -> None:
        """Add money at a stage before payment, split by the payers' shares."""
        self.notebook.stage(self.state.month, policy, payer, stage, amount)

    def book_shortfall(self, policy: int, payer: Any, place: int, amount: float) -> None:
        """Record spending that was planned and cut back for want of money."""
        if amount > 0.0:
            self.book_stage(policy, payer, "unmet", amount)
            self.state.add("public_money_unmet", place, amount)

    # --- setting up -----------------------------------------------------------------------------------------------

    def class_of(self, behaviour: type[Any]) -> type[Any]:
        """Return the class of which a government or an institution with a behaviour is made: the behaviour itself."""
        return behaviour

    def _create_agents(self) -> None:
        state, places = self.state, self.resolved.places
        self.governments: dict[tuple[str, int], Government] = {}
        for position, place in enumerate(places):
            self.governments["county", position] = self.class_of(CountyGovernment)(self, place.id, (position,))
        for code in dict.fromkeys(place.province for place in places):
            members = tuple(position for position, place in enumerate(places) if place.province == code)
            province = self.class_of(ProvincialGovernment)(self, code, members)
            self.governments.update({("province", position): province for position in members})
        self.institutions: list[Any] = []
        self.designations: dict[str, set[int]] = {}
        for number, policy in enumerate(self.resolved.policies):
            kind = self.class_of(behaviour_of(policy.type))
            where = [state.place_ids.index(place) for place in policy.where]
            for group in [where] if kind.for_all_places else [[place] for place in where]:
                institution = kind(self)
                institution.set_up(policy, number, *group)
                self.institutions.append(institution)
        self.institutions.sort(key=lambda institution: institution.turn)


def simulate(
    scenario: Scenario,
    parameters: Parameters,
    seed: int,
    *,
    panel: bool = False,
    until: int | None = None,
    on_month: Callable[[int], None] | None = None,
) -> ReplicateRecord:
    """Run a scenario once.

    Parameters
    ----------
    scenario, parameters, seed
        As for ``ClusterModel``.
    panel
        Also keep the yearly firm panel.
    until
        Last month number to simulate; the scenario's end when left out.
    on_month
        Called with the month number after each month.

    Raises
    ------
    SimulationError
        If anything goes wrong in the model; it carries the month.
    """
    month = scenario.time.start
    model = None
    try:
        model = ClusterModel(scenario, parameters, seed)
        model.notebook.keeps_panel = panel
        for month in range(scenario.time.start, min(until or scenario.time.end, scenario.time.end) + 1):
            model.step()
            if on_month is not None:
                on_month(month)
        return model.notebook.record(model.anchors, digest(model))
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError, MemoryError) as cause:
        raise SimulationError(month if model is not None else scenario.time.start, cause) from cause


def digest(model: ClusterModel) -> str:
    """Return a hash of every firm and buyer column and every account: equal digests mean equal runs."""
    state, code = model.state, hashlib.blake2b(digest_size=8)
    for table, count in ((state.firms, state.count), (state.buyers, state.buyers.slot.size)):
        for array in table:
            code.update(np.ascontiguousarray(array[:count]).tobytes())
    for name, balance in state.ledger.balances.items():
        code.update(f"{name}={balance.hex()};".encode())
    return code.hexdigest()
