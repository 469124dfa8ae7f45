"""The scorecard: predictions of figures that the fit did not see, beside those of naive rivals.

``sim.validation.held_out`` fills it from figures left out of a fit one at a time, ``sim.validation.unseen`` from a file
of later figures. Here are what it holds, and its totals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from sim.calibrate.scores import expected_hits, skill
from sim.experiments.identity import digest_of
from sim.validation.rivals import OTHER_SPREADS, RIVALS, WORDS, YEAR_TO_YEAR, Forecast, forecasts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sim.calibrate.answering import Broken
    from sim.calibrate.measurement import Measurement
    from sim.evidence import Fact
    from sim.inputs.words import Both
    from sim.validation.rivals import Known, Name, NoForecast

Kind = Literal["left out", "unseen"]
SPREADS: Final = (OTHER_SPREADS[0], YEAR_TO_YEAR, OTHER_SPREADS[1])
FEW: Final = 10
"""With fewer figures than this a skill can be chance, and the scorecard says so."""
REJECTED: Final = 0.05
"""Chance below which a joint test rejects."""
LEAST: Final = 0.001
"""Scores below a thousandth (0.1 %) are no longer compared figure by figure."""


@dataclass(frozen=True)
class Band:
    """Quantiles of what an office would count, in the figure's plain unit."""

    p05: float
    p25: float
    p50: float
    p75: float
    p95: float


@dataclass(frozen=True)
class Opponent:
    """A rival's forecast of one figure, its CRPS for each year-to-year spread of ``SPREADS``, and its log score."""

    forecast: Forecast
    crps: Mapping[float, float]
    log_score: float | None = None

    @property
    def score(self) -> float:
        """CRPS at the documented spread."""
        return self.crps[YEAR_TO_YEAR]


@dataclass(frozen=True)
class Scored:
    """One figure with the model's prediction of it and the rivals'.

    Attributes
    ----------
    scenario, fit
        Baseline that answers, and the fit its parameters are from ("" for assumed values).
    bound
        How the figure binds the prediction: its own bound, or a weaker one of the reporting filter.
    in_logs
        Whether the score is in logarithms; else in the rate of growth.
    band
        Of the count behind the figure, with its measurement error.
    crps, log_score, pit
        Score, in logarithms or in the rate; minus the log density of the figure (None for a bound); and the share of
        the prediction below the figure.
    inside_half, inside_most
        Whether the 50 % and the 90 % band hold the figure, or lie on the right side of a bound.
    later
        Whether it is later than every figure of its place that the fit could see.
    rivals
        By name: a forecast with its scores, or why there is none.
    note, note_zh
        What a reader has to know of it.
    of_place
        Band of growth of the place itself, without what print adds; None for other figures.
    """

    fact: Fact
    scenario: str
    fit: str
    bound: str
    in_logs: bool
    band: Band
    crps: float
    pit: float
    inside_half: bool
    inside_most: bool
    later: bool
    rivals: Mapping[Name, Opponent | NoForecast] = field(default_factory=dict)
    note: str = ""
    note_zh: str = ""
    log_score: float | None = None
    of_place: Band | None = None

    @property
    def one_sided(self) -> bool:
        """Whether the figure is a floor or a ceiling."""
        return self.bound in ("at_least", "at_most")

    def skill(self, rival: Name) -> float:
        """Return the skill against a rival; NaN where it has nothing to say, or a bound is as good as met by both."""
        found = self.rivals.get(rival)
        if not isinstance(found, Opponent) or max(self.crps, found.score) < LEAST:
            return math.nan
        return skill(self.crps, found.score)


@dataclass(frozen=True)
class Unscored:
    """A row that got no score, and why."""

    id: str
    place: str
    variable: str
    why: str
    why_zh: str


@dataclass(frozen=True)
class Origin:
    """Where predictions come from: a run of a baseline, or a fit.

    Attributes
    ----------
    id
        Id of the run or of the fit.
    fit
        Fit the parameters are from; "" for assumed values.
    replicates, failed
        Of the run; of a fit its draws, and 0.
    """

    id: str
    scenario: str
    fit: str
    replicates: int
    failed: int = 0


@dataclass(frozen=True)
class JointGrowth:
    """How printed growth rates lie in the distribution that a fit without any of them gives them together.

    Attributes
    ----------
    figures
        Ids.
    p
        Chance of a Mahalanobis distance as large (by simulation).
    z
        Of the mean of all rates: too high (above 0) or too low together.
    pits
        Of each rate given those before it; independent and even if the distribution is right.
    evenness
        p value of a Kolmogorov-Smirnov test that they are even.
    """

    figures: tuple[str, ...]
    p: float
    z: float
    pits: tuple[float, ...]
    evenness: float

    @property
    def rejected(self) -> bool:
        """Whether one of the two tests rejects at 5 percent, halved among them (Bonferroni)."""
        return min(self.p, self.evenness) < 0.5 * REJECTED


@dataclass(frozen=True)
class Scorecard:
    """Everything ``countysim validate`` shows.

    Attributes
    ----------
    scored
        Against rivals.
    listed
        Shown and not set against rivals: figures left out that are no growth, and figures of which the model measures a
        part alone.
    names
        What places are called, (English, Chinese) by id.
    notes
        What a reader has to know, (English, Chinese).
    joint
        All printed growth together, predicted by a fit that saw none of it.
    """

    kind: Kind
    file: str
    scored: tuple[Scored, ...]
    listed: tuple[Scored, ...]
    unscored: tuple[Unscored, ...]
    origins: tuple[Origin, ...]
    names: Mapping[str, tuple[str, str]]
    notes: tuple[tuple[str, str], ...] = ()
    joint: JointGrowth | None = None

    @property
    def digest(self) -> str:
        """Hash of every number on the card: the name of its folder."""
        rows = [
            (item.fact.id, item.fact.value_plain, item.crps, vars(item.band)) for item in (*self.scored, *self.listed)
        ]
        rivals = [
            (name, found.score) for item in self.scored for name, found in item.rivals.items()
            if isinstance(found, Opponent)
        ]  # fmt: skip
        others = [(item.id, item.why) for item in self.unscored]
        joint = None if self.joint is None else vars(self.joint)
        parts = [self.kind, self.file, rows, rivals, others, [vars(item) for item in self.origins], self.notes, joint]
        return digest_of(parts, 8)

    @property
    def places(self) -> tuple[str, ...]:
        """Places of the figures shown, in order."""
        return tuple(dict.fromkeys(item.fact.place for item in (*self.scored, *self.listed)))

    @property
    def groups(self) -> tuple[tuple[str, tuple[Scored, ...]], ...]:
        """Scored figures by what they are compared in: ``growth`` rates, and ``levels`` (counts and shares too)."""
        growth = tuple(item for item in self.scored if not item.in_logs)
        levels = tuple(item for item in self.scored if item.in_logs)
        return tuple((name, part) for name, part in (("levels", levels), ("growth", growth)) if part)


@dataclass(frozen=True)
class Coverage:
    """How many figures a band holds.

    Attributes
    ----------
    figures, inside
        Of those printed exactly or as about.
    expected
        How many of them a right band holds in 90 of 100 cases, from and to.
    bounds, right
        Floors and ceilings, and those on whose right side at least a part of the band lies; no share is expected.
    """

    share: float
    figures: int
    inside: int
    expected: tuple[int, int]
    bounds: int
    right: int


def coverage(items: Iterable[Scored], share: float) -> Coverage:
    """Return the coverage of the 50 % (``share`` 0.5) or the 90 % band (0.9)."""
    everything = [(item.one_sided, item.inside_half if share == 0.5 else item.inside_most) for item in items]
    printed = [inside for one_sided, inside in everything if not one_sided]
    bounds = [inside for one_sided, inside in everything if one_sided]
    return Coverage(share, len(printed), sum(printed), expected_hits(len(printed), share), len(bounds), sum(bounds))


@dataclass(frozen=True)
class Versus:
    """The model against one rival, over the figures on which the rival has something to say.

    Attributes
    ----------
    better
        Figures on which the model's score is the smaller.
    skill
        1 - mean score of the model / mean score of the rival.
    skills
        The same by year-to-year spread of the rival.
    log_score
        Mean log score of the rival less that of the model, over figures printed as they are: above 0 the model was the
        better; None without any.
    """

    rival: Name
    figures: int
    model: float
    score: float
    better: int
    skill: float
    skills: Mapping[float, float]
    log_score: float | None = None


def versus(items: Sequence[Scored], rival: Name) -> Versus | None:
    """Return the totals against a rival; None when it says nothing of any figure."""
    both = [(item, found) for item in items if isinstance(found := item.rivals.get(rival), Opponent)]
    pairs = [(item.crps, found) for item, found in both]
    if not pairs:
        return None
    logs = [
        found.log_score - item.log_score
        for item, found in both
        if item.log_score is not None and found.log_score is not None
    ]
    count = len(pairs)
    model = math.fsum(own for own, _ in pairs) / count
    means = {spread: math.fsum(found.crps[spread] for _, found in pairs) / count for spread in SPREADS}
    score = means[YEAR_TO_YEAR]
    better = sum(own < found.score for own, found in pairs)
    return Versus(
        rival,
        count,
        model,
        score,
        better,
        skill(model, score),
        {key: skill(model, mean) for key, mean in means.items()},
        math.fsum(logs) / len(logs) if logs else None,
    )


def all_versus(items: Sequence[Scored]) -> tuple[Versus, ...]:
    """Return the totals against every rival that says something."""
    return tuple(found for name in RIVALS if (found := versus(items, name)) is not None)


def opponents(
    fact: Fact, measure: Measurement, known: Known, *, by_quantiles: bool
) -> dict[Name, Opponent | NoForecast]:
    """Return every rival's forecast of a figure with its scores.

    Parameters
    ----------
    by_quantiles
        Whether the model's own score is from 39 quantiles: then theirs is too.
    """
    found: dict[Name, Opponent | NoForecast] = {}
    for spread in SPREADS:
        wide = replace(known, spread=spread)
        for name, forecast in forecasts(fact, measure, wide).items():
            if not isinstance(forecast, Forecast):
                found[name] = forecast
                continue
            score = forecast.crps(measure.observed, measure.bound, by_quantiles=by_quantiles)
            before = found.get(name)
            scores = {**(before.crps if isinstance(before, Opponent) else {}), spread: score}
            kept = before.forecast if isinstance(before, Opponent) and spread != YEAR_TO_YEAR else forecast
            found[name] = Opponent(kept, scores, kept.log_score(measure.observed, measure.bound))
    return found


def unread(broken: Sequence[Broken]) -> tuple[Both, ...]:
    """Say which baselines cannot be read."""
    return tuple(WORDS.both("notes.not_read", line=item.line) for item in broken)
