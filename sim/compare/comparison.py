"""What a comparison of two runs holds: plain frozen records, made by ``sim.compare.compare`` and only read afterwards.

B is the scenario, A the baseline. Values are in plain units (yuan, persons, tonnes, shares); whoever shows them
chooses the reader's unit. A statistic that must not be shown is NaN (see ``Band``), never a number to be guarded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from sim.compare.statistics import Amount, Band, Contrast
from sim.inputs.data import beside

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from sim.experiments.parameter_draws import DrawnFrom

PeriodKind = Literal["year", "month", "ytd", "window"]
Measure = Literal["jobs_per_million", "output_per_yuan", "tax_per_yuan", "cost_per_job"]
Basis = Literal["paid", "granted"]
"""Money that value is given for: what was paid, or (of funds) what was granted and (of all else) paid."""

Part = Literal["recipients", "others", "cluster"]
SizeClass = Literal["below_scale", "above_scale", "large"]
Source = Literal["won", "other_places", "elsewhere_domestic", "elsewhere_foreign", "market"]
FirmPart = Literal["recipients", "others", "place"]

TABLES: Final = beside(__file__, "tables.toml")
COLUMNS: Final[dict[str, tuple[str, ...]]] = {name: tuple(text.split()) for name, text in TABLES["columns"].items()}
"""Columns of each table, in order."""

ALL_PLACES = "all"
"""Written as the place of a row that adds up several places."""
ALL_POLICIES = "all"
ALL_PAYERS = "all"


@dataclass(frozen=True)
class Row(Contrast):
    """One variable in one period and place: levels of A and B and their difference (``Contrast``).

    For a variable that is a share the difference is read in percentage points and ``difference_pct`` is NaN.

    Attributes
    ----------
    place
        Place id, or ``ALL_PLACES`` for the sum (or output-weighted mean) of several.
    period, period_kind
        ``"2030"`` (year), ``"2030-06"`` (month), ``"2030-01..2030-06"`` (ytd), ``"2026-2030"`` (window).
    n_dropped
        Pairs left out because a replicate or a value is missing.
    """

    variable: str
    label: str
    label_zh: str
    unit: str
    basis: str
    good: str
    aggregate: str
    headline: bool
    place: str
    place_name: str
    place_name_zh: str
    admin_code: str
    period: str
    period_kind: PeriodKind
    n_dropped: int

    @property
    def n_pairs(self) -> int:
        """Number of pairs; unpaired: the smaller number of runs."""
        return self.n

    @property
    def prob_better(self) -> float:
        """Share of runs in which B is better: ``prob_higher`` turned by ``good``; NaN when neither direction is."""
        if self.good == "none":
            return math.nan
        return self.prob_higher if self.good == "higher" else 1.0 - self.prob_higher


@dataclass(frozen=True)
class MoneyRow:
    """Public money of one policy and payer in one period of one scenario: means over runs, yuan, undiscounted.

    ``unclaimed`` is promised and not claimed. ``outstanding`` is what a fund has granted up to the end of the period
    (since the first month simulated) and not paid by then.
    """

    scenario: str
    policy: str
    policy_name: str
    policy_name_zh: str
    places: tuple[str, ...]
    payer: str
    period: str
    promised: float
    claimed: float
    granted: float
    paid: float
    paid_discounted: float
    unclaimed: float
    unmet: float
    returned: float
    outstanding: float


@dataclass(frozen=True)
class Money:
    """Public money over the window, yuan.

    ``extra`` is B − A of what all programmes paid, ``each`` the same for every pair; ``each_granted`` takes what funds
    granted in place of what they paid. ``extra_budget`` is B − A of what was planned: the budgets of funds, and of all
    else what was paid or could not be. ``extra_promised``, ``extra_granted``, ``extra_fund_paid``, ``extra_unclaimed``
    and ``extra_outstanding`` (granted and not paid by the end of the window) are B − A of the funds alone. All but the
    two for every pair are means over runs.
    """

    window: tuple[int, int]
    discount_rate: float
    rows: tuple[MoneyRow, ...]
    paid_a: float
    paid_b: float
    extra: Band
    extra_discounted: Band
    extra_by_payer: dict[str, float]
    extra_budget: float
    extra_promised: float
    extra_granted: float
    extra_fund_paid: float
    extra_unclaimed: float
    extra_outstanding: float
    each: NDArray[np.float64] = field(repr=False, compare=False)
    each_granted: NDArray[np.float64] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Shortfall:
    """What the payers of one policy could not pay of what it planned, over the months both runs hold.

    Attributes
    ----------
    side
        ``A``, ``B``, or ``both`` where the two runs agree.
    planned, missing, late
        Yuan, means over runs: planned, never paid for want of money, and paid later than planned.
    years
        First and last calendar year in which money was missing.
    runs, n
        In how many of how many runs.
    paid
        Lowest and highest share of the planned money that a run paid.
    plots
        Lowest and highest number of plots (places for tenants) a run built, and how many it was to build; None for a
        policy that builds none.
    """

    side: Literal["A", "B", "both"]
    policy: str
    policy_name: str
    policy_name_zh: str
    type: str
    planned: float
    missing: float
    late: float
    years: tuple[int, int]
    runs: int
    n: int
    paid: tuple[float, float]
    plots: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class ValueRow:
    """One measure of value for money, for what was paid or for what was granted.

    When it is not defined, ``reason`` and ``reason_zh`` say why and the band is empty.

    ``prob_paid_back`` is the share of runs in which the measure is at least 1 (``tax_per_yuan`` only, else NaN).
    """

    measure: Measure
    basis: Basis
    window: str
    band: Band = field(default_factory=Band)
    reason: str = ""
    reason_zh: str = ""
    mc_se: float = math.nan
    prob_paid_back: float = math.nan
    each: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)

    @property
    def defined(self) -> bool:
        """Whether it can be given."""
        return not self.reason


@dataclass(frozen=True)
class Extra:
    """Extra equipment spending of some firms.

    Attributes
    ----------
    firms
        Number of them, mean over pairs; NaN where they are not counted.
    yuan, granted
        Extra spending, and extra grants (B − A) to these firms, or for ``others`` and ``cluster`` all extra grants of
        the place: means over pairs.
    per_yuan
        ``yuan`` / ``granted``: what was moved by a yuan on average, so that recipients and others make the cluster.
    band
        Quantiles over pairs of extra spending per yuan granted.
    each
        Extra spending of every pair, shape (pairs,), yuan.
    """

    firms: float
    yuan: float
    granted: float
    per_yuan: float
    band: Band
    each: NDArray[np.float64] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Additionality:
    """Extra equipment spending over some years from the start of the fund: from then on firms hold projects back.

    Attributes
    ----------
    years, months
        Years asked for, and the months counted: fewer where the runs end before.
    places
        Ids of the places in which anything was granted: the cluster.
    runs, n
        In how many of how many pairs anything more was granted in B than in A; all figures are over these.
    parts, by_size
        By part, and for recipients by size class (those to which anything was granted).
    placebo
        What the same firms and the cluster spent more or less over as many months before the start of the fund, per
        yuan granted: a measure of nothing, which must be zero.
    """

    years: int
    months: int
    places: tuple[str, ...]
    runs: int
    n: int
    parts: dict[Part, Extra]
    by_size: dict[SizeClass, Extra]
    placebo: float

    @property
    def whole(self) -> bool:
        """Whether the runs hold all the years."""
        return self.months == 12 * self.years


@dataclass(frozen=True)
class TakeUp:
    """What became of the money of one policy that awards grants, and of the firms it is meant for.

    Attributes
    ----------
    side
        ``A``, ``B``, or ``both`` where the two runs agree.
    number, yuan
        By outcome of ``sim.state.record.TAKE_UP``: number of calls or firms, and grants; added up over the calls of
        the window, means over runs.
    promised, returned
        Budgets of the calls and what was given back, yuan, means over runs.
    """

    side: Literal["A", "B", "both"]
    policy: str
    policy_name: str
    policy_name_zh: str
    number: dict[str, float]
    yuan: dict[str, float]
    promised: float
    returned: float

    def at_a_call(self, outcome: str) -> float:
        """Return the number of firms with this outcome at a call in one place, on average."""
        return self.number[outcome] / self.number["calls"] if self.number["calls"] else 0.0


@dataclass(frozen=True)
class Displacement:
    """What the places with other policies won over the window, and from whom.

    Attributes
    ----------
    places
        Ids of the places in which the policies of B and A differ; of all places where they cannot be told apart.
    others
        Whether the run has other places.
    orders
        By ``Source``: ``won`` is B − A of what buyers ordered from firms of the places, and the sum of all the rest.
    output, jobs
        By ``FirmPart``: output over the window and jobs at the end of the headline year, B − A; empty when nothing was
        granted. A recipient that is not followed in the other run, where it was too small for it, is taken to have sold
        and employed there what it did when it was first awarded a grant.
    """

    places: tuple[str, ...]
    others: bool
    orders: dict[Source, Amount]
    output: dict[FirmPart, Amount]
    jobs: dict[FirmPart, Amount]


@dataclass(frozen=True)
class GoalRow:
    """An announced aim and the share of runs that reach it by its month.

    ``month_a`` and ``month_b`` are the median month among the runs that do, None when none does.
    """

    id: str
    variable: str
    label: str
    label_zh: str
    unit: str
    place: str
    at_least: float
    by: int
    source: str
    runs_a: int
    runs_b: int
    prob_a: float
    prob_b: float
    month_a: int | None
    month_b: int | None
    ends_before: bool = False


@dataclass(frozen=True)
class Note:
    """Something a reader must know, in both languages. ``code`` is stable (``N01``, ``unpaired``, ``few``, ...)."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True)
class Side:
    """One of the two runs: what is printed about it."""

    id: str
    name: str
    name_zh: str
    kind: str
    hash: str
    folder: str
    n_done: int


@dataclass(frozen=True)
class Setting:
    """What both runs share, as printed under the names. ``scale`` is the number of firms one agent stands for."""

    seed: int
    draws: str
    drawn_from: DrawnFrom
    world: str
    world_zh: str
    model_version: str
    tool_version: str
    scale: int
    industry: str
    industry_zh: str
    place_name: str
    place_name_zh: str
    assumed_values: int
    assumed_parameters: int
    worlds: tuple[str, ...] = ()

    @property
    def calibrated(self) -> bool:
        """Whether parameters were drawn from a fit to reported figures."""
        return self.drawn_from == "fit"


@dataclass(frozen=True)
class Equality:
    """Where A and B part.

    ``first_change`` is the month the scenarios first differ on paper, ``first_difference`` the month results first do;
    None when they never do. ``identical`` is N01.
    """

    first_change: int | None
    first_difference: int | None
    identical: bool
    why: str = ""
    why_zh: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether results are equal in every month before the scenarios differ on paper."""
        if self.first_difference is None or self.first_change is None:
            return self.first_difference is None
        return self.first_difference >= self.first_change


@dataclass(frozen=True)
class Comparison:
    """Scenario ``b`` against baseline ``a``.

    ``at`` is the year of the headline, ``window`` the years money is counted in.

    ``ceiling`` is the arithmetic ceiling from reported figures, before any run; empty when there is nothing to say.
    ``growth`` holds yearly growth rates over the window in percent, whose differences are percentage points; its
    variables are those of the observables with ``_growth`` added. ``value`` holds every measure for the money paid;
    where funds granted other sums than they paid, also for the money granted. ``shortfalls`` are those of B, then of A.
    ``additionality`` is over three and over five years from the start of the fund; ``take_up`` is of policies that
    award grants. ``replicates`` are the numbers of the pairs.
    """

    a: Side
    b: Side
    setting: Setting
    at: int
    window: tuple[int, int]
    n_pairs: int
    n_dropped: int
    paired: bool
    equality: Equality
    rows: tuple[Row, ...]
    growth: tuple[Row, ...]
    money: Money
    value: tuple[ValueRow, ...]
    additionality: tuple[Additionality, ...]
    take_up: tuple[TakeUp, ...]
    displacement: Displacement | None
    goals: tuple[GoalRow, ...]
    notes: tuple[Note, ...]
    replicates: tuple[int, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    ceiling: str = ""
    ceiling_zh: str = ""
    created: str = ""

    @property
    def window_text(self) -> str:
        """The window as written in files: ``2026-2030``."""
        return f"{self.window[0]}-{self.window[1]}"

    @property
    def place(self) -> str:
        """Place of the main rows: the id of the only place, or ``ALL_PLACES``."""
        return self.rows[0].place if self.rows else ALL_PLACES

    def row(self, variable: str, period: str | int | None = None, place: str | None = None) -> Row:
        """Return one row; ``period`` defaults to the year ``at``, ``place`` to the whole run.

        Raises
        ------
        KeyError
            When there is no such row.
        """
        wanted = str(self.at if period is None else period)
        where = self.place if place is None else place
        for row in self.rows:
            if row.variable == variable and row.period == wanted and row.place == where:
                return row
        raise KeyError((variable, wanted, where))

    def carriers(self, row: Row) -> tuple[int, ...]:
        """Return the numbers of the few replicates that alone make the mean difference of a row, mostly none."""
        if not row.paired or row.n_pairs != len(self.replicates):
            return ()
        return tuple(self.replicates[position] for position in row.carriers)

    def headline_rows(self) -> tuple[Row, ...]:
        """Return the headline variables in the year ``at`` for the whole run, in the order of the observables."""
        return tuple(r for r in self.rows if r.headline and r.period == str(self.at) and r.place == self.place)

    def rows_at(self, period: str | int | None = None) -> tuple[Row, ...]:
        """Return every variable of the whole run in one period (default: the year ``at``)."""
        wanted = str(self.at if period is None else period)
        return tuple(r for r in self.rows if r.period == wanted and r.place == self.place)

    def value_of(self, measure: Measure, basis: Basis = "paid") -> ValueRow:
        """Return one measure of value for money; for the money granted it is that for the money paid if both agree."""
        found = {row.basis: row for row in self.value if row.measure == measure}
        return found.get(basis, found["paid"])

    def note(self, code: str) -> Note | None:
        """Return the note with this code, or None."""
        return next((note for note in self.notes if note.code == code), None)

    def table(self) -> pd.DataFrame:
        """Return the rows as a data frame with the columns of ``compare.csv`` (plain units)."""
        import pandas as pd

        return pd.DataFrame.from_records(self.records(), columns=list(COLUMNS["compare"]))

    def records(self) -> list[dict[str, Any]]:
        """Return ``compare.csv`` as dictionaries, plain values (NaN where a statistic is not given)."""
        a, b = self.a, self.b
        common = {
            "scenario": b.id, "baseline": a.id, "scenario_name": b.name, "scenario_name_zh": b.name_zh,
            "baseline_name": a.name, "baseline_name_zh": a.name_zh, "run_scenario": b.hash, "run_baseline": a.hash,
            "model_version": self.setting.model_version, "tool_version": self.setting.tool_version,
            "created": self.created,
        }  # fmt: skip
        records = []
        for row in (*self.rows, *self.growth):
            bands = {"a": row.a, "b": row.b, "diff": row.difference, "diff_pct": row.difference_pct}
            found = {
                **common,
                **{name: getattr(row, name) for name in COLUMNS["compare"] if hasattr(row, name)},
                **{f"{side}_{name}": value for side, band in bands.items() for name, value in vars(band).items()},
                "place_zh": row.place_name_zh,
                "variable_zh": row.label_zh,
            }
            records.append({name: found[name] for name in COLUMNS["compare"]})
        return records
