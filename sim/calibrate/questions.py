"""What a fit asks of every trial: the reported figures of a place, and ratios known of its industry.

A *question* turns one simulated replicate into one number and says how a published number binds it. Figures go through
the reporting filter (``sim.reporting``); ratios (``calibration/moments.toml``) are taken over the first complete year,
facts of firms over all years of a trial.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from sim import workspace
from sim.calibrate.measurement import ANYWHERE, Measurement, load_widths, measurement, of_ratio
from sim.calibrate.space import start_dimensions
from sim.evidence import load_facts
from sim.experiments.aggregate import over_places
from sim.inputs.files import InputFile
from sim.observables import INDEX, observable
from sim.reporting import NotAnswered, question, truth_of_record
from sim.reporting.firm_statistics import measured, read_facts, read_stock
from sim.reporting.folds import over_months
from sim.reporting.recipes import SETS
from sim.reporting.truth import province_of
from sim.rules.elementary import log
from sim.scenario.place_sets import load_set
from sim.scenario.places import place_origins
from sim.scenario.priors import MOST_PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.evidence import Fact
    from sim.reporting.answers import Question
    from sim.reporting.truth import Truth
    from sim.scenario.resolved import Scenario
    from sim.state.record import ReplicateRecord

MOMENTS: Final = "moments.toml"
TERMS: Final = "terms.toml"
YEAR: Final = 12
LEAST_UNSERVED: Final = 0.001
"""A smaller share of orders not delivered is none: it has no logarithm."""
SERVICE: Final = "orders_delivered"
"""Observable of the share of makers' orders that is delivered."""


class Moment(BaseModel):
    """One number known of an industry.

    Either a ratio, the sum of ``over`` over the sum of ``under`` (1 when empty), or the ``fact`` of firms of this name
    as the yearly panel of a trial shows it (``calibration/firm_facts.toml``, where a ``deviation`` is given).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    about: str
    about_zh: str
    over: tuple[str, ...]
    under: tuple[str, ...]
    fact: str = ""
    value: float
    deviation: float
    source: str
    industries: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """One number asked of every trial.

    Attributes
    ----------
    id
        Id of the figure, or ``moment.`` and the name of the ratio.
    measure
        How the published number binds the simulated one, transformed.
    fact, question
        The figure and how it is asked; None for a ratio.
    moment, positions
        The ratio, and the places it is taken over.
    starts
        Whether the place starts from this figure.
    binds
        Whether it is in the likelihood. A figure that gave a starting value its range is in the prior already.
    term
        The term of a scenario that was set from it, if any: no fit uses it.
    condition
        Whether it is what a start must meet to be one (``served``), and no statistic.
    """

    id: str
    measure: Measurement
    fact: Fact | None = None
    question: Question | None = None
    moment: Moment | None = None
    positions: tuple[int, ...] = ()
    starts: bool = False
    binds: bool = True
    term: str = ""
    condition: bool = False

    def value(self, truth: Truth, firms: Mapping[str, float]) -> float:
        """Return what a replicate gives, in the plain unit; NaN when it gives nothing.

        ``firms`` are facts of its firms by name.
        """
        if self.question is not None:
            return float(self.question.values(truth)[0])
        if self.condition:
            return _unserved(truth)
        assert self.moment is not None
        if self.moment.fact:
            return firms.get(self.moment.fact, math.nan)
        first = truth.first_month + (-truth.first_month) % YEAR
        over, under = (self._year(truth, names, first) for names in (self.moment.over, self.moment.under))
        return over / under if under > 0.0 else float("nan")

    def _year(self, truth: Truth, names: Sequence[str], first: int) -> float:
        """Return the sum of observables over a year and the places; 1 without any."""
        if not names:
            return 1.0
        months = (truth.slice(name, first, first + YEAR - 1, self.positions) for name in names)
        folded = (over_months(part, observable(name).aggregate) for name, part in zip(names, months, strict=True))
        return float(sum(part.sum() for part in folded))


CONDITION: Final = "condition.service"
"""Id of what a start must meet."""


def served() -> Asked:
    """Return the question which share of orders makers do not deliver, asked of every trial.

    All shares below the ceiling are alike: the likelihood is the chance that a run lies there. Shares are compared in
    logarithms, in which they are nearer to normal than what is delivered: most lie by a few percent, some by half.
    """
    most = log(1.0 - load_widths().service_least)
    return Asked(CONDITION, Measurement(most, 0.001, "at_most", in_logs=True, far=ANYWHERE), condition=True)


def _unserved(truth: Truth) -> float:
    """Return the share of orders that makers do not deliver over the first year, places weighted by output."""
    months = truth.first_month, truth.first_month + YEAR - 1
    everywhere = range(len(truth.places))
    values = truth.slice(SERVICE, *months, everywhere)
    by_month = over_places(values, truth.slice("output_value", *months, everywhere), observable(SERVICE))
    return max(1.0 - float(by_month.mean()), LEAST_UNSERVED)


@dataclass(frozen=True)
class Unused:
    """A reported figure that a fit does not use, and why."""

    fact: Fact
    en: str
    zh: str


def load_moments() -> Mapping[str, Moment]:
    """Return the known ratios by name.

    Raises
    ------
    UserError
        Listing every fault of the file at once.
    """
    path = workspace.calibration_file(MOMENTS)
    if path is None:
        return {}
    file, found = InputFile(path), {}
    for name, table in file.data.items():
        moment = file.check(Moment, table, name)
        if moment is not None:
            found[name] = moment
            for key in (key for key in (*moment.over, *moment.under) if key not in INDEX):
                file.add((name,), f"[{name}] {key} is not a measured variable")
    file.findings.stop_if_wrong()
    return found


def own_places(scenario: Scenario) -> tuple[str, ...]:
    """Return the places whose figures a fit of this scenario answers for.

    Of a province these are the set itself and what is reported for its towns alone; a named place that has a baseline
    of its own answers for itself there, so that no figure counts twice.
    """
    named = tuple(place.id for place in scenario.places if not place.synthetic)
    provinces = {place.province for place in scenario.places}
    whole = len(scenario.places)
    sets = tuple(name for name, item in SETS.items() if whole == item.whole and provinces == {item.province})
    return (*sets, *named)


def starting_facts(scenario: Scenario) -> frozenset[str]:
    """Return the ids of the figures that the scenario's places, or the set they belong to, start from."""
    named = [place for place in scenario.places if not place.synthetic]
    origins = [origin for place in named for origin in place_origins(place.id)]
    files = {SETS[name].file for name in own_places(scenario) if name in SETS}
    origins += [origin for name in sorted(files) for origin in load_set(name).origins]
    return frozenset(fact for origin in origins for fact in origin.facts)


def range_facts(scenario: Scenario) -> frozenset[str]:
    """Return the ids of the figures that the range of a starting value in the space was made from."""
    few = scenario.places if len(scenario.places) <= MOST_PLACES else ()
    drawn = {item.name for place in few for item in start_dimensions(place)}
    return frozenset(
        fact
        for place in few
        if not place.synthetic
        for origin in place_origins(place.id)
        if f"place.{place.id}.start.{origin.name}" in drawn
        for fact in origin.facts
    )


def load_terms() -> Mapping[str, str]:
    """Return the figures that a term of a scenario was set from, each with the term (``calibration/terms.toml``).

    Raises
    ------
    UserError
        Listing every unknown figure and every entry without a term at once.
    """
    path = workspace.calibration_file(TERMS)
    if path is None:
        return {}
    file, known = InputFile(path), {fact.id for fact in load_facts()}
    for name, given in file.data.items():
        if name not in known:
            file.add((name,), f"{name}: no reported figure of this id")
        if not isinstance(given, str) or not given.strip():
            file.add((name,), f"{name}: write the term that was set from it")
    file.findings.stop_if_wrong()
    return {name: str(given) for name, given in file.data.items()}


def firms_of_trial(record: ReplicateRecord) -> Mapping[str, float]:
    """Return the facts of firms that one trial's panel shows; none of a trial shorter than two calendar years.

    Equipment is priced as in the base year: spikes are set against it, and a trial lasts a few years.
    """
    assert record.panel is not None
    if np.unique(record.panel["year"][record.panel["exit_month"] == 0]).size < 2:
        return {}
    return measured(record.panel, record.first_month, 1.0, (math.nan, math.nan), read_stock())


def truth_of_trial(record: ReplicateRecord, scenario: Scenario) -> Truth:
    """Return what the reporting filter reads of one trial."""
    places = scenario.places
    return truth_of_record(record, [place.id for place in places], [province_of(place) for place in places])


def questions_of(
    scenario: Scenario, truth: Truth, left: frozenset[str] = frozenset()
) -> tuple[tuple[Asked, ...], tuple[Unused, ...]]:
    """Return what a fit of a baseline asks, and every figure of its places that it does not, with the reason.

    Parameters
    ----------
    truth
        Of any one replicate of the scenario: its months and places.
    left
        Ids of places that have a fit of their own; their figures are left to it.
    """
    places = own_places(scenario)
    starts, ranges, terms = starting_facts(scenario), range_facts(scenario), load_terms()
    asked, unused = [], []
    for fact in load_facts():
        if fact.place not in places:
            continue
        if fact.place in left:
            unused.append(Unused(fact, "answered by the fit of that place", "由该地区自己的拟合回答"))
            continue
        found = question(fact, truth)
        if isinstance(found, NotAnswered) and fact.id in terms:
            unused.append(set_from(fact, terms[fact.id]))
        elif isinstance(found, NotAnswered):
            unused.append(Unused(fact, found.en, found.zh))
        elif _set_by_scenario(fact, scenario):
            unused.append(Unused(fact, "a term of the scenario, met by construction", "属方案条款，相符是设定的结果"))
        else:
            measure = measurement(fact, found.recipe.bound, start_year=start_year_of(scenario, found))
            binds = fact.kind == "growth" or fact.id not in ranges
            asked.append(
                Asked(fact.id, measure, fact, found, starts=fact.id in starts, binds=binds, term=terms.get(fact.id, ""))
            )
    return (*asked, *_moments(scenario), served()), tuple(unused)


def set_from(fact: Fact, term: str) -> Unused:
    """Return a figure that a term of a scenario was set from as one that no fit uses."""
    return Unused(fact, f"a term of the scenario is set from it ({term})", f"方案条款由该数设定（{term}）")


def _set_by_scenario(fact: Fact, scenario: Scenario) -> bool:
    """Return whether a figure is what a policy of the scenario announces: signed projects."""
    return fact.variable.startswith("projects_") and any(policy.type == "project" for policy in scenario.policies)


def start_year_of(scenario: Scenario, found: Question) -> int | None:
    """Return the calendar year in which the places of a question start; None when they start in several."""
    years = {scenario.places[position].start.base_year for position in found.positions}
    return years.pop() if len(years) == 1 else None


def _moments(scenario: Scenario) -> tuple[Asked, ...]:
    found = []
    for name, moment in load_moments().items():
        meant = set(moment.industries)
        positions = tuple(k for k, place in enumerate(scenario.places) if not meant or place.industry in meant)
        if len(positions) == len(scenario.places):
            measure = of_ratio(f"moment.{name}", moment.value, moment.deviation)
            found.append(Asked(f"moment.{name}", measure, moment=moment, positions=positions))
    return (*found, *_firms())


def _firms() -> list[Asked]:
    """Return the facts of firms that a fit is told, each with the standard deviation that its file gives."""
    found = []
    for fact in (fact for fact in read_facts() if fact.deviation > 0.0):
        name = f"moment.{fact.name}"
        bound = "exact" if math.isfinite(fact.high) else "at_least"
        value = 0.5 * (fact.low + fact.high) if math.isfinite(fact.high) else fact.low
        moment = Moment(
            about=fact.about, about_zh=fact.about_zh, over=(), under=(), fact=fact.name, value=value,
            deviation=fact.deviation, source=fact.source, industries=(),
        )  # fmt: skip
        found.append(Asked(name, of_ratio(name, value, fact.deviation, bound), moment=moment))
    return found
