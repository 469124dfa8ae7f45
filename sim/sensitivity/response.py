"""Responses: what one change of circumstances does to a place, all else equal, in a constant world.

Each draw of the fit begins once. From its first month one run goes on as it is and one goes on with each change of
``CHANGES``, with the same random draws. A change is made where it belongs: prices, wages and demand from outside in the
series of the world, everything else by one lever on the state, and from then on firms and buyers do what they do. What
is expected of the responses, with reasons, lies in ``calibration/responses.toml``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim import workspace
from sim.calibrate.still_runs import Measure, keep_beside, kept_beside, run_draws
from sim.errors import UserError
from sim.inputs.files import InputFile
from sim.observables import observable, recorded
from sim.rules.elementary import exp, exps, log, logs, power
from sim.rules.ladder import rung_gain
from sim.scenario.steady import changed
from sim.sensitivity.study import yearly
from sim.state.columns import MAKER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sim.calibrate.algebra import Floats
    from sim.calibrate.fits import Fit
    from sim.calibrate.still_runs import StillBaseline
    from sim.experiments.engine import Jobs
    from sim.experiments.progress import Progress
    from sim.model import ClusterModel
    from sim.scenario.resolved import World
    from sim.state.columns import I8
    from sim.state.state import State
    from sim.units import Language

FILE: Final = "response.json"
EXPECTED: Final = "responses.toml"
OUTCOMES: Final = (
    "output_value", "output_real", "employment", "businesses", "above_scale_firms", "wage", "exports", "profit_rate",
    "gini_sales", "top_ten_share",
)  # fmt: skip
"""What is told of every run."""
SHARES: Final = frozenset({"profit_rate", "gini_sales", "top_ten_share"})
"""Outcomes whose response is a difference, in points; of all others it is relative."""
AFTER: Final = (1, 5)
"""Years after the change that are told: the first and the fifth calendar year with it."""
CONSTANT_YEARS: Final = 10
"""Years for which the run without a change goes on."""
YEARS: Final = CONSTANT_YEARS + 1
"""Calendar years a run may touch; a baseline need not begin in January."""
STAYS: Final = ("output_value", "employment", "above_scale_firms", "wage", "gini_sales", "top_ten_share")
"""What must stay where it is in a constant world."""
ERRORS: Final = 2.64
"""Standard errors that each may move: six are looked at, and all stay in 95 of 100 cases (Bonferroni)."""
SMALL: Final = 0.01
"""Movement over ``CONSTANT_YEARS`` that is none: a tenth of a percent a year (log, or points of a share)."""


# --- levers --------------------------------------------------------------------------------------------------------


def _entry(factor: float) -> Callable[[State], None]:
    """Return the lever on how many firms enter at normal profit."""

    def lever(state: State) -> None:
        state.places.normal_entry[:] *= factor

    return lever


def _equipment(state: State) -> None:
    """Give every firm a fifth more equipment."""
    state.firms.capital[state.live] *= 1.2


def _frontier(state: State) -> None:
    """Bring every maker to the frontier: productivity and quality rise by what its missing rungs are worth."""
    firms, makers, p = state.firms, state.makers, state.parameters
    gap = firms.technology_gap[makers]
    firms.productivity[makers] *= exps(rung_gain(p.technology, p.production.labour_elasticity) * gap)
    firms.quality[makers] *= exps(p.technology.rung_quality * gap)
    firms.technology_gap[makers] = 0.0


def _better(state: State) -> None:
    """Raise every maker's quality by 5 percent, as better design would; it is held by ``_stays_better``."""
    _raise_quality(state, state.makers)


def _stays_better(state: State) -> None:
    """Give entrants of the last month the same, and everybody what fades of it in a month."""
    entered = state.entered
    new = entered[(state.firms.tier[entered] == MAKER) & (state.firms.alive[entered] == 1)]
    fading = state.parameters.technology.brand_fading / MONTHS
    old = np.setdiff1d(state.makers, new, assume_unique=True)
    state.firms.brand[old] += BETTER * fading / (1.0 - fading)
    _raise_quality(state, new)


def _raise_quality(state: State, rows: I8) -> None:
    """Make goods of some rows better at once, and so much more that a month's fading leaves as much (``learn``)."""
    state.firms.brand[rows] += BETTER / (1.0 - state.parameters.technology.brand_fading / MONTHS)
    state.firms.quality[rows] *= exp(BETTER)


def _labour_pool(state: State) -> None:
    """Let a fifth more people be ready to work in the industry at the wage of the base year."""
    state.places.labour_pool[:] *= 1.2


def _credit(state: State) -> None:
    """Let banks lend on half as much again of a firm's equipment."""
    _set(state, "investment", "collateral_share", 1.5)


def _links(state: State) -> None:
    """Let buyers fill empty links half as fast again."""
    for market in state.search:
        market.fill_rates[:] *= 1.5


def _elsewhere(state: State) -> None:
    """Make producers elsewhere 5 percent dearer: their weight falls as that of a dearer offer does."""
    state.buyers.outside_weight[:] *= power(1.05, 1.0 - state.parameters.demand.elasticity_outside)


def _set(state: State, group: str, name: str, factor: float) -> None:
    """Multiply a parameter, for all places."""

    def changed(parameters: Any) -> Any:
        own = getattr(parameters, group)
        return parameters._replace(**{group: own._replace(**{name: factor * getattr(own, name)})})

    state.parameters = changed(state.parameters)
    state.industries = tuple(changed(each) for each in state.industries)


MONTHS: Final = 12
BETTER: Final = log(1.05)


@dataclass(frozen=True)
class Change:
    """One change from the first month on.

    Attributes
    ----------
    label, label_zh
        What it is, in words.
    world
        Factors on series of the world, by name.
    at_start, each_month
        Levers on the state before the first month, and before every later one.
    """

    id: str
    label: str
    label_zh: str
    world: Mapping[str, float] = field(default_factory=dict)
    at_start: Callable[[State], None] | None = None
    each_month: Callable[[State], None] | None = None


NOMINAL: Final = ("domestic_demand", "foreign_demand", "material_price", "producer_price", "wage")
"""Series of a world in yuan: all but that of labour productivity."""

CHANGES: Final = (
    Change("entry-3", "three times as many firms enter", "新设企业增至三倍", at_start=_entry(3.0)),
    Change("entry-none", "no firm enters", "无新设企业", at_start=_entry(0.0)),
    Change("equipment", "equipment of every firm +20%", "各企业设备+20%", at_start=_equipment),
    Change("frontier", "every maker at the technical frontier, once", "生产企业技术一次性达到前沿", at_start=_frontier),
    Change("frontier-held", "every maker at the frontier, and kept there", "生产企业技术达到并保持前沿",
           at_start=_frontier, each_month=_frontier),
    Change("quality", "quality of every maker +5%", "生产企业质量+5%", at_start=_better, each_month=_stays_better),
    Change("wage-10", "wages elsewhere +10%", "外地工资+10%", {"wage": 1.1}),
    Change("wage-30", "wages elsewhere +30%", "外地工资+30%", {"wage": 1.3}),
    Change("steel-50", "steel +50%", "钢价+50%", {"material_price": 1.5}),
    Change("home-less-30", "demand at home -30%", "国内需求-30%", {"domestic_demand": 0.7}),
    Change("home-10", "demand at home +10%", "国内需求+10%", {"domestic_demand": 1.1}),
    Change("abroad-less-30", "demand abroad -30%", "国外需求-30%", {"foreign_demand": 0.7}),
    Change("abroad-10", "demand abroad +10%", "国外需求+10%", {"foreign_demand": 1.1}),
    Change("demand-less-30", "demand at home and abroad -30%", "国内外需求-30%",
           {"domestic_demand": 0.7, "foreign_demand": 0.7}),
    Change("labour-pool", "labour pool +20%", "劳动力供给+20%", at_start=_labour_pool),
    Change("credit", "lending on equipment +50%", "设备抵押贷款+50%", at_start=_credit),
    Change("links", "links formed 1.5 times as fast", "客户关系建立速度1.5倍", at_start=_links),
    Change("elsewhere", "producers elsewhere 5% dearer", "外地产品价格+5%", at_start=_elsewhere),
    Change("prices-20", "all prices, wages and demand in yuan +20%", "各类价格、工资和名义需求+20%",
           dict.fromkeys(NOMINAL, 1.2)),
)  # fmt: skip


def change_of(identifier: str) -> Change:
    """Return a change by its id; raise ``UserError`` when there is none."""
    found = next((change for change in CHANGES if change.id == identifier), None)
    if found is None:
        raise UserError(f'no change is called "{identifier}"\n     known: {", ".join(one.id for one in CHANGES)}')
    return found


# --- running -------------------------------------------------------------------------------------------------------


NOTHING: Final = "no change"


def take(trunk: ClusterModel, part: str) -> Floats:
    """Return outcomes of ``CONSTANT_YEARS`` without a change, or of the years told with one."""
    if part == NOTHING:
        return _run(trunk, Change("", "", ""), range(1, CONSTANT_YEARS + 1))
    return _run(trunk, change_of(part), AFTER)


def measure(changes: tuple[str, ...]) -> Measure:
    """Return what is measured on a draw: nothing changed, then each change."""
    size = (CONSTANT_YEARS + len(AFTER) * len(changes)) * len(OUTCOMES)
    return Measure("response", (NOTHING, *changes), take, size)


def _run(trunk: ClusterModel, change: Change, years: Sequence[int]) -> Floats:
    """Return the outcomes of some complete years, counted from 1, with a change; shape (years x outcomes,)."""
    from sim.model import ClusterModel

    before = trunk.resolved
    scenario = replace(before, world=_changed(before.world, change.world, before.time.start))
    model = ClusterModel(scenario, trunk.state.parameters, trunk.state.seed, trunk)
    if change.at_start is not None:
        change.at_start(model.state)
    first = -(-before.time.start // MONTHS)
    for month in range(before.time.start, MONTHS * (first + years[-1])):
        if change.each_month is not None and month > before.time.start:
            change.each_month(model.state)
        model.step()
    own = recorded(policy.type for policy in scenario.policies)
    record = model.notebook.record(model.anchors, "")
    kept = [observable(name) for name in OUTCOMES]
    return yearly(record, [first + year - 1 for year in years], own, kept).ravel()


def _changed(world: World, factors: Mapping[str, float], start: int) -> World:
    """Return a world whose series are multiplied from a month on."""
    at = start - world.first_month

    def multiplied(name: str, series: Floats) -> Floats:
        new = series.copy()
        new[at:] *= factors.get(name, 1.0)
        return new

    return changed(world, multiplied)


@dataclass(frozen=True)
class Response:
    """Responses of a place on some draws.

    Attributes
    ----------
    place, reference, fit
        As asked for; the baseline; its fit, empty for assumed values.
    market_share
        Share of the nation's volume it starts from.
    constant
        Shape (draws, years, outcomes), without a change.
    changed
        By id of the change, shape (draws, years told, outcomes).
    errors
        Of draws that failed, which are left out.
    """

    place: str
    reference: str
    fit: str
    scale: int
    market_share: float
    constant: Floats
    changed: Mapping[str, Floats]
    errors: tuple[str, ...] = ()

    @property
    def draws(self) -> int:
        """Number of draws that did not fail."""
        return len(self.constant)

    def effect(self, change: str, outcome: str, year: int) -> Floats:
        """Return the response of an outcome in a year told (``AFTER``), by draw.

        The share by which it is higher, or the difference where it is a share itself.
        """
        column = OUTCOMES.index(outcome)
        new, old = self.changed[change][:, AFTER.index(year), column], self.constant[:, year - 1, column]
        if outcome in SHARES:
            return np.asarray(new - old)
        return np.divide(new, old, out=np.full_like(new, np.nan), where=old > 0.0) - 1.0

    def drift(self, outcome: str) -> Floats:
        """Return by how much an outcome moves in a constant world over all its years, by draw (log, or points)."""
        column = OUTCOMES.index(outcome)
        old, new = self.constant[:, 0, column], self.constant[:, -1, column]
        if outcome in SHARES:
            return np.asarray(new - old)
        return logs(np.maximum(new, 1e-9) / np.maximum(old, 1e-9))

    def record(self) -> dict[str, Any]:
        """Return what is kept on disk: numbers to six digits."""

        def rounded(values: Floats) -> Any:
            return [[[float(f"{one:.6g}") for one in year] for year in draw] for draw in values]

        return {
            "place": self.place, "reference": self.reference, "scale": self.scale, "market_share": self.market_share,
            "outcomes": list(OUTCOMES), "constant": rounded(self.constant),
            "changed": {name: rounded(values) for name, values in self.changed.items()}, "errors": list(self.errors),
        }  # fmt: skip


def run_response(
    baseline: StillBaseline,
    draws: int,
    changes: Sequence[str] = (),
    jobs: Jobs = None,
    progress: Progress | None = None,
    out: Path | None = None,
) -> Response:
    """Run what is missing and return the responses; finished draws are used again.

    Parameters
    ----------
    changes
        Ids; all of them when empty.
    """
    chosen = tuple(change_of(name).id for name in changes) or tuple(change.id for change in CHANGES)
    about = {"changes": chosen, "years": CONSTANT_YEARS}
    rows, errors = run_draws(baseline, measure(chosen), draws, jobs, progress, out, **about)
    outcomes, middle = len(OUTCOMES), CONSTANT_YEARS * len(OUTCOMES)
    later = rows[:, middle:].reshape(len(rows), len(chosen), len(AFTER), outcomes)
    return Response(
        place=baseline.place,
        reference=baseline.reference,
        fit=baseline.draws.name if baseline.draws.rows else "",
        scale=baseline.scenario.firms_per_agent,
        market_share=_market_share(baseline),
        constant=rows[:, :middle].reshape(len(rows), CONSTANT_YEARS, outcomes),
        changed={change: later[:, k] for k, change in enumerate(chosen)},
        errors=errors,
    )


def _market_share(baseline: StillBaseline) -> float:
    """Return the largest share of the nation's volume among the places of a baseline; the middle of a range."""
    shares = [getattr(place.start, "national_market_share", 0.0) for place in baseline.scenario.places]
    return max(float(getattr(share, "centre", share)) for share in shares)


def keep(response: Response) -> Path:
    """Write responses beside the fit whose draws they were measured on; return where."""
    return keep_beside(response.fit, FILE, response.record())


def kept(fit: Fit) -> tuple[Response | None, bool]:
    """Return the responses kept beside a fit, None without any, and whether they belong to it as it is now."""

    def read(found: dict[str, Any]) -> Response | None:
        if found.pop("outcomes") != list(OUTCOMES):
            return None
        constant, changed = np.array(found.pop("constant")), found.pop("changed")
        arrays = {name: np.array(values) for name, values in changed.items()}
        return Response(fit=fit.id, constant=constant, changed=arrays, errors=tuple(found.pop("errors")), **found)

    return kept_beside(fit, FILE, read)


# --- what is expected ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """What is expected of a response, with the reason.

    Attributes
    ----------
    change, outcome, year
        Which response: year 1 or 5.
    low, high
        Range its median over draws must lie in; infinite where nothing is expected.
    more_than
        Another outcome: the size of the response less the size of that one's must lie in the range.
    share_below, share_above
        Counts for places whose share of the nation's volume is below or above this.
    """

    change: str
    outcome: str
    reason: str
    reason_zh: str
    status: str
    year: int = 5
    low: float = -math.inf
    high: float = math.inf
    more_than: str = ""
    share_below: float = math.inf
    share_above: float = -math.inf

    def concerns(self, response: Response) -> bool:
        """Return whether it is expected of a place, and the change was run."""
        return self.change in response.changed and self.share_above <= response.market_share < self.share_below

    def values(self, response: Response) -> Floats:
        """Return what has to lie in the range, by draw."""
        found = response.effect(self.change, self.outcome, self.year)
        if self.more_than:
            return np.abs(found) - np.abs(response.effect(self.change, self.more_than, self.year))
        return found

    def inside(self, response: Response) -> int:
        """Return in how many draws it holds."""
        values = self.values(response)
        return int(((values >= self.low) & (values <= self.high)).sum())

    def holds(self, response: Response) -> bool:
        """Return whether the median over draws lies in the range."""
        return self.low <= float(np.median(self.values(response))) <= self.high


def read_expected() -> tuple[Expected, ...]:
    """Return what is expected of responses.

    Raises
    ------
    UserError
        If the file is missing or an entry is not what it has to be.
    """
    path = workspace.needed(EXPECTED, "what is expected of responses")
    file, found = InputFile(path), []
    for number, entry in enumerate(file.data.get("expected", [])):
        try:
            one = Expected(**entry)
            change_of(one.change)
            known = (one.outcome in OUTCOMES, one.more_than in (*OUTCOMES, ""), one.year in AFTER)
            if not all(known) or not one.low < one.high or not (one.reason and one.reason_zh):
                raise UserError(f"{one.change}: outcome, year, range or reason is wrong")
            found.append(one)
        except (TypeError, UserError) as problem:
            file.add(("expected", number), str(problem))
    file.findings.stop_if_wrong()
    return tuple(found)


def stays(response: Response, outcome: str, errors: float) -> bool:
    """Return whether an outcome of a constant world moves on average by no more than so many standard errors.

    Or by no more than ``SMALL``, which nobody would call a movement.
    """
    moved = response.drift(outcome)
    spread = float(moved.std(ddof=1)) / math.sqrt(moved.size) if moved.size > 1 else math.inf
    return abs(float(moved.mean())) <= max(errors * spread, SMALL)


def label_of(change: str, language: Language) -> str:
    """Return what a change is, in words."""
    found = change_of(change)
    return found.label_zh if language == "zh" else found.label
