"""A resolved scenario: what the model is given. No files, no text amounts, no inheritance.

Months are counted as ``year * 12 + month - 1`` (``sim.units.month_number``); money is in yuan, areas in square
metres, shares between 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from sim.policies.terms import Terms


@dataclass(frozen=True)
class TimeSpan:
    """Simulated months, both ends included."""

    start: int
    reported_until: int
    end: int

    @property
    def months(self) -> int:
        """Number of simulated months."""
        return self.end - self.start + 1


@dataclass(frozen=True)
class World:
    """Monthly indices of everything the county does not choose; each averages 1 over the base year.

    Attributes
    ----------
    first_month
        Month of the first element of every series.
    domestic_demand, foreign_demand
        Nominal spending of domestic and foreign buyers, yuan index.
    material_price, producer_price, wage
        Yuan price of steel, of manufactured goods and of an hour's work, index.
    labour_productivity
        Output of an hour's work at producers everywhere, index.
    domestic_demand_by_group
        Domestic demand for the goods of a group of industries (``sim.evidence.national.GROUPS``); groups that are not
        there meet ``domestic_demand``.
    """

    id: str
    name: str
    name_zh: str
    first_month: int
    domestic_demand: NDArray[np.float64]
    foreign_demand: NDArray[np.float64]
    material_price: NDArray[np.float64]
    producer_price: NDArray[np.float64]
    wage: NDArray[np.float64]
    labour_productivity: NDArray[np.float64]
    domestic_demand_by_group: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def met_by(self, group: str) -> World:
        """Return the world as a group of industries meets it: ``domestic_demand`` is that for its goods."""
        demand = self.domestic_demand_by_group.get(group, self.domestic_demand)
        return replace(self, domestic_demand=demand, domestic_demand_by_group={})


@dataclass(frozen=True)
class Place:
    """A county with one characteristic industry. ``start`` holds the numbers it starts from (see ``PlaceStart``).

    ``products`` holds reported counts of its catalogue (categories, specifications), for description only.
    ``province`` is the two-digit code of its province, or the place's own id where none is known. A ``synthetic`` place
    stands for one that nobody named.
    """

    id: str
    name: str
    name_zh: str
    admin_code: str
    industry: str
    industry_zh: str
    start: Any
    province: str = ""
    synthetic: bool = False
    products: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """One policy with the terms in force from each month on.

    Attributes
    ----------
    id, type, name, name_zh, source
        As in the scenario file.
    where
        Places it acts in (ids, in order); with ``where_designated`` those it may come to act in.
    start, end
        First and last month in force; ``end`` is None when it stays in force. A ``[[stop]]`` sets ``end``.
    payer
        Shares of public money by level: ``county``, ``province``; they add up to 1.
    versions
        ``(from_month, terms)`` in order of month; the first is valid from ``start``.
    assumed
        Names of the fields nobody published.
    where_designated
        Designation a place must hold for the policy to act there: the id of a designation's policy, or ``designated:``
        and a level. None when it acts in its places from the start.
    stopped
        Whether a stop ended it before its time; ``announced_end`` is then the end it was planned to have.
    """

    id: str
    type: str
    name: str
    name_zh: str
    source: str
    where: tuple[str, ...]
    start: int
    end: int | None
    payer: Mapping[str, float]
    versions: tuple[tuple[int, Terms], ...]
    assumed: tuple[str, ...] = ()
    where_designated: str | None = None
    stopped: bool = False
    announced_end: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", tuple(sorted(self.where)))

    @property
    def planned_end(self) -> int | None:
        """Last month in force as planned at its start: what is spread over its months does not foresee a stop."""
        return self.announced_end if self.stopped else self.end

    def in_force(self, month: int) -> bool:
        """Return whether the policy is in force in a month."""
        return self.start <= month and (self.end is None or month <= self.end)

    def terms_at(self, month: int) -> Terms:
        """Return the terms in force in ``month`` (the first version before it starts)."""
        current = self.versions[0][1]
        for start, terms in self.versions[1:]:
            if start <= month:
                current = terms
        return current


@dataclass(frozen=True)
class Goal:
    """An announced aim: never calibration data, only the share of runs that reach it."""

    id: str
    variable: str
    at_least: float
    by: int
    source: str
    place: str | None = None


@dataclass(frozen=True)
class Closed:
    """Channels (``sim.policies.channels``) through which some policies do not act; no scenario file holds it.

    Attributes
    ----------
    policies
        Ids of the policies.
    since
        First month in which they are closed.
    baseline
        Policies of the baseline whose wages, prices and conditions of entry hold where reactions are closed.
    """

    channels: tuple[str, ...]
    policies: tuple[str, ...]
    since: int
    baseline: tuple[Policy, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """Everything one replicate is run from, except its parameter draw and seed.

    Places stand in order of id, policies in order of type and id, in whatever order files or programs name them. All
    positions (columns, accounts, tables of a run) count in this order, so that the order of a file changes nothing.
    """

    id: str
    name: str
    name_zh: str
    kind: str
    question: str
    baseline: str | None
    places: tuple[Place, ...]
    world: World
    time: TimeSpan
    replicates: int
    seed: int
    firms_per_agent: int
    policies: tuple[Policy, ...]
    goals: tuple[Goal, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Overrides of parameters by dotted name, from ``[parameters]`` or ``--set parameters.x=...``."""
    closed: Closed | None = None
    worlds: tuple[World, ...] = ()
    """Worlds that replicates meet in turn, replicate i the same one in every scenario (``sim.scenario.realise``);
    ``world`` is the middle one. Empty where all meet ``world``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", tuple(sorted(self.places, key=lambda place: place.id)))
        object.__setattr__(self, "policies", tuple(sorted(self.policies, key=lambda policy: (policy.type, policy.id))))

    @property
    def world_id(self) -> str:
        """Id of the world; of several that replicates meet in turn all ids."""
        return ", ".join(world.id for world in self.worlds) or self.world.id

    @property
    def world_names(self) -> tuple[str, str]:
        """What readers call it in English and Chinese."""
        if self.worlds:
            return f"{self.world_id} in turn", f"{'、'.join(world.id for world in self.worlds)}轮流"
        return self.world.name or self.world.id, self.world.name_zh or self.world.id
