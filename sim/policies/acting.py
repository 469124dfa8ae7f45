"""What every institution shares: its policy, the terms in force, its verbs, and how it pays, charges and counts.

``start`` sets up what is already there when the run begins, ``act`` does the month's work, ``close`` winds up when the
policy ends, and ``wind_up`` keeps every month what was promised earlier. Before any institution acts in a month,
``plans`` says what public money it means to spend; ``forget`` drops what it remembers of firms that have closed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from sim.agents.governments import Plan, Purse, available, pay
from sim.policies.channels import CHANNELS, closed_to, step_without
from sim.policies.choosing import served
from sim.policies.terms import Outlook, Terms
from sim.state.ledger import FIRMS
from sim.state.parts import parts_of
from sim.state.state import number_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sim.parameters.groups import Parameters
    from sim.rules.chance import Key
    from sim.scenario.resolved import Policy
    from sim.state.columns import F8, I8
    from sim.state.state import State

OwnTerms = TypeVar("OwnTerms", bound=Terms)


class Institution(Generic[OwnTerms]):
    """One policy at work in one place, or in all its places at once.

    Attributes
    ----------
    for_all_places
        One institution decides for all places of its policy; else there is one for each place.
    turn
        Institutions act in order of their turn, then of the type and id of their policies, then of their places.
        Designations come first (0), as others ask who is designated, then projects (1), then all others (2).
    channels
        Channels through which it can act (``sim.policies.channels``); all, if nothing is said.
    position
        Position of the policy in the scenario (``sim.scenario.resolved.Scenario``).
    policy_key
        Number that keys the draws of this policy: the same wherever it stands in the scenario.
    places
        Positions of its places, rising; ``place`` is the first of them.
    """

    for_all_places: ClassVar[bool] = False
    turn: ClassVar[int] = 2
    channels: ClassVar[frozenset[str]] = frozenset(CHANNELS)

    def __init__(self, model: Any, policy: Policy, position: int, places: tuple[int, ...]) -> None:
        self.model, self.policy, self.position, self.policy_key = model, policy, position, number_of(policy.id)
        self.places, self.place = places, places[0]
        self.closed = False

    @property
    def state(self) -> State:
        """State of the simulated world."""
        state: State = self.model.state
        return state

    def key(self, stream: str) -> Key:
        """Return the key of a stream of the policy this month."""
        return self.state.key(stream, self.policy_key)

    @property
    def market(self) -> int:
        """Position of the market of the place."""
        return int(self.state.market_of[self.place])

    @property
    def terms(self) -> OwnTerms:
        """Terms in force this month."""
        return self.terms_at(self.state.month)

    def terms_at(self, month: int) -> OwnTerms:
        """Return the terms in force in a month."""
        return self.policy.terms_at(month)  # type: ignore[return-value]

    @property
    def places_in_force(self) -> list[int]:
        """Positions of the places in which the policy acts this month: all, or those designated as it asks."""
        reference = self.policy.where_designated
        return [place for place in self.places if reference is None or self.model.designated(reference, place)]

    @property
    def in_force(self) -> bool:
        """Whether the policy is in force this month; during the burn-in, as it was just before the run.

        A policy for designated places is in force in none before the first of them is designated.
        """
        month = max(self.state.month, self.state.first_month - 1)
        return self.policy.in_force(month) and bool(self.places_in_force)

    def acts_through(self, channel: str) -> bool:
        """Return whether a channel is open to the policy this month."""
        return channel not in closed_to(self.model, self.policy)

    def step(self) -> None:
        """Act while in force, and close once when the policy has ended."""
        if self.in_force:
            self.act()
        elif self.policy.end is not None and self.state.month > self.policy.end and not self.closed:
            self.closed = True
            self.close()
        self.wind_up()

    def plans(self) -> Iterable[Plan]:
        """Return the public money it means to spend this month, before anybody has acted.

        As the terms plan it (``Terms.planned``), in each of its places. What is not planned here is paid only from
        money that no policy plans to spend.
        """
        if not self.in_force:
            return []
        policy, month = self.policy, self.state.month
        # During the burn-in a policy younger than its first month acts as if it were in force already.
        outlook = Outlook(
            min(policy.start, month), policy.end, policy.planned_end, self.state.first_month, policy.terms_at,
            _by_name(self.state.parameters),
        )  # fmt: skip
        yuan = self.terms.planned(month, outlook)
        return [Plan(policy.payer, place, yuan) for place in self.places_in_force] if yuan > 0.0 else []

    def start(self) -> None:
        """Set up what is there before the first month of the burn-in."""

    def act(self) -> None:
        """Do this month's work."""

    def close(self) -> None:
        """Wind up in the first month after the policy has ended."""

    def wind_up(self) -> None:
        """Keep promises made earlier, in force or not."""

    def forget(self, rows: I8) -> None:
        """Drop what it remembers of firms that closed this month: their rows will be given to others.

        What is to be known of a firm after it has closed is kept by its slot.
        """

    # --- money and counts ---------------------------------------------------------------------------------------------

    def count(self, name: str, amount: float) -> None:
        """Add to this month's count of an observable in the place."""
        self.state.add(name, self.place, amount)

    @property
    def available(self) -> float:
        """Yuan that the payers of the policy could pay now in their shares."""
        return available(self.model, self.position, self.policy.payer, self.place)

    def pay(
        self,
        amount: float | F8,
        target: str,
        purpose: str,
        *,
        place: int | None = None,
        rows: I8 | None = None,
        payer: Mapping[str, float] | None = None,
        planned: bool = True,
    ) -> float:
        """Pay public money, as far as it is there for the policy (by its or another ``payer``); return the share paid.

        See ``sim.agents.governments.pay``.
        """
        payer, place = payer or self.policy.payer, self.place if place is None else place
        return pay(self.model, self.position, payer, place, amount, target, purpose, rows, planned)

    def fall_short(self, amount: float) -> None:
        """Record spending that was planned and cut back for want of money."""
        if amount > 0.0:
            self.state.book(self.position, self.policy.payer, "unmet", amount)
            self.count("public_money_unmet", amount)

    def places_paid_for(self, wanted: float, each: float) -> float:
        """Return for how many of ``wanted`` places public money lasts at ``each`` yuan; what is missing is recorded."""
        if each <= 0.0 or wanted <= 0.0:
            return wanted
        number = min(wanted, self.available / each)
        self.fall_short((wanted - number) * each)
        return number

    def take_part(
        self, rows: I8, wanted: F8, room: float, cost: float, public_share: float, target: str, purpose: str
    ) -> tuple[I8, F8]:
        """Serve firms in order, as far as there is room and public money, at ``cost`` yuan for each place taken.

        Public money pays its share, the firms the rest. ``wanted`` (shape of rows) counts places for all firms of a row
        together; so does what is returned with the rows that take part.
        """
        number = served(wanted, self.places_paid_for(room, cost * public_share))
        rows, number = rows[number > 0.0], number[number > 0.0]
        self.pay(public_share * cost * float(number.sum()), target, purpose)
        if public_share < 1.0 and cost > 0.0:
            self.charge(rows, (1.0 - public_share) * cost * number / self.state.firms.weight[rows], target, purpose)
        return rows, number

    def charge(self, rows: I8, amount: F8 | float, target: str, purpose: str) -> float:
        """Let each firm of the given rows, place by place, pay ``amount`` yuan; return the yuan paid by all."""
        firms = self.state.firms
        parts = parts_of(firms.place[rows]) if self.for_all_places else None
        paid = self.state.ledger.transfer(FIRMS, target, amount, purpose, firms, rows, parts)
        firms.fees[rows] += amount
        return paid

    def help_upgrades(self, avoided: float) -> None:
        """Let upgrades in the place fail less often, by a share; a share of nothing leaves the bits."""
        success, here = self.state.places.upgrade_success, self.place
        if avoided > 0.0:
            success[here] = 1.0 - (1.0 - success[here]) * (1.0 - avoided)


@lru_cache(maxsize=4)
def _by_name(parameters: Parameters) -> Mapping[str, float]:
    """Return the values of all parameters by dotted name."""
    groups = parameters._asdict().items()
    return {f"{group}.{name}": value for group, values in groups for name, value in values._asdict().items()}


def act(model: Any) -> None:
    """Take back what institutions lent for a month, share out public money, and let every institution act in turn."""
    model.state.reset_levers()
    model.purse = Purse(model, [(each.position, plan) for each in model.institutions for plan in each.plans()])
    for institution in model.institutions:
        closed = closed_to(model, institution.policy)
        if closed:
            step_without(institution, closed)
        else:
            institution.step()


def forget(model: Any) -> None:
    """Let every institution forget the firms that closed this month (``state.left``)."""
    rows = model.state.left
    if rows.size:
        model.state.opened = [opened for opened in model.state.opened if opened[2] not in rows]
        for institution in model.institutions:
            institution.forget(rows)
