"""Later figures that no fit ever saw, scored: a run of the baseline with posterior draws against naive rivals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.calibrate.answering import (
    Answering,
    Broken,
    answering_baselines,
    baseline_for,
    known_places,
    meant,
    other_industry,
    place_names,
    require_places,
    require_readable,
)
from sim.calibrate.fits import as_the_fit_knows
from sim.calibrate.measurement import SHIFT, measurement
from sim.calibrate.questions import start_year_of
from sim.calibrate.scores import (
    BAND,
    clipped,
    covered,
    crps_of_replicates,
    log_score_of_draws,
    normal_points,
    pit_of_samples,
)
from sim.errors import UserError
from sim.evidence import load_facts, load_series
from sim.experiments import Progress, run_request
from sim.experiments.parameter_draws import drawn_from
from sim.inputs.words import Both
from sim.observables import INDEX
from sim.policies.terms import held_in
from sim.reporting import (
    NotAnswered,
    Refusal,
    Truth,
    growth_of_place,
    places_of_policies,
    question,
    recipe_for,
    truth_of,
)
from sim.reporting.truth import province_of
from sim.scenario.loader import load
from sim.units import month_text
from sim.validation.outside_facts import read_outside
from sim.validation.rivals import WORDS, Known, months_asked, same_count
from sim.validation.skill import Band, Origin, Scorecard, Scored, Unscored, opponents, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sim.calibrate.algebra import Floats
    from sim.calibrate.measurement import Measurement
    from sim.evidence import Fact, Series
    from sim.experiments import Request, Run
    from sim.reporting import Answer
    from sim.scenario.resolved import Scenario
    from sim.validation.outside_facts import OutsideFacts

MOST_WITHOUT: Final = 0.1
"""A figure of which more runs than this share hold nothing is listed, not scored: they have no logarithm."""
MOST_BACK: Final = 5
"""Years before the base year of its places from which a baseline is run at most: firms, links and shares are those of
the base year, moved with the world's demand (assumed)."""
FEW_RUNS: Final = 20
YEAR: Final = 12
SIGNED: Final = ("projects_signed", "projects_signed_value")
"""What is signed or announced is a term of the scenario; what is started, realised or in business follows from it."""
OF_ONE_FAIR: Final = frozenset(
    {
        "fair_booths",
        "fair_booths_used",
        "fair_buyers",
        "fair_contacts",
        "fair_contracts",
        "fair_foreign_customers",
        "fair_exhibitors",
        "fair_intended_orders",
    }
)
"""What a fair brings in the month it is held."""


@dataclass(frozen=True)
class _Ground:
    """What a file is scored on."""

    baselines: tuple[Answering, ...]
    evidence: tuple[Fact, ...]
    series: Mapping[str, Series]


def score_file(
    path: Path, asked: Sequence[str], how: Request, progress: Callable[[], Progress] = Progress
) -> Scorecard:
    """Return the scorecard of a file of later figures.

    Parameters
    ----------
    asked
        Places whose figures count; none, or ``all``, for all.
    how
        How baselines are run; it names none.

    Raises
    ------
    UserError
        If the file is wrong (``read_outside``), a place is not known, or no figure of the file is about a known one.
    """
    outside = read_outside(path)
    baselines, broken = answering_baselines()
    ground = _Ground(baselines, load_facts(), load_series())
    everywhere = known_places(baselines, broken)
    wanted = require_places(asked, everywhere)
    everything = not asked or "all" in asked
    _require_known(outside, everywhere)
    facts = [fact for fact in outside.facts if everything or fact.place in wanted]
    aside = [item for item in outside.set_aside if everything or item.place in wanted]
    if not facts and not aside:
        raise UserError(f"{outside.name}: no figure of {', '.join(wanted)} in it")
    require_readable(dict.fromkeys(fact.place for fact in facts), baselines, broken)
    told, origins = _told(facts, ground, how, progress)
    places = dict.fromkeys([item.place for item in facts] + [item.place for item in aside])
    return Scorecard(
        kind="unseen",
        file=outside.name,
        scored=tuple(item for item in told if isinstance(item, Scored) and item.rivals),
        listed=tuple(item for item in told if isinstance(item, Scored) and not item.rivals),
        unscored=(*(item for item in told if isinstance(item, Unscored)), *aside),
        origins=origins,
        names={place: place_names(place, baselines) for place in places},
        notes=(*_not_later(told), *_notes(outside, origins, broken)),
    )


def _told(
    facts: Sequence[Fact], ground: _Ground, how: Request, progress: Callable[[], Progress]
) -> tuple[list[Scored | Unscored], tuple[Origin, ...]]:
    """Return a score, or the reason for none, for each figure in order; and the runs scores are from."""
    told: dict[str, Scored | Unscored] = {}
    todo: dict[tuple[str, ...], dict[str, tuple[Answering, list[Fact]]]] = {(): {}}
    for fact in facts:
        found = _answering(fact, ground)
        if isinstance(found, Unscored):
            told[fact.id] = found
        else:
            alike = todo.setdefault(found.overrides, {})
            alike.setdefault(found.id, (found, []))[1].append(fact)
    origins = []
    order = [item.id for item in ground.baselines]
    for overrides, alike in todo.items():
        if not alike:
            continue
        chosen = sorted(alike.values(), key=lambda pair: order.index(pair[0].id))
        request = replace(how, references=[baseline.id for baseline, _ in chosen], overrides=overrides)
        finished = {run.scenario_id: run for run in run_request(request, progress())}
        for baseline, asked in chosen:
            run = finished[baseline.id]
            number = how.replicates or baseline.scenario.replicates
            origins.append(_origin(run, baseline, number))
            told |= _of_run(run, number, baseline, origins[-1].fit, asked, ground)
    return [told[fact.id] for fact in facts], tuple(origins)


def _require_known(outside: OutsideFacts, places: Sequence[str]) -> None:
    """Raise ``UserError`` when no figure of a file is about a place the library knows."""
    given = dict.fromkeys([fact.place for fact in outside.facts] + [item.place for item in outside.set_aside])
    if not any(place in places for place in given):
        lines = [f'{outside.name}: no place "{place}"{meant(place, places)}' for place in given]
        raise UserError("\n".join([*lines, f"     known: {', '.join(places)}"]))


def _answering(fact: Fact, ground: _Ground) -> Answering | Unscored:
    """Return the baseline a figure is asked of, or why it is not scored."""
    baseline = baseline_for(fact.place, ground.baselines)
    elsewhere = None if baseline is None else other_industry(fact, baseline)
    refusal = elsewhere or _seen(fact, ground.evidence) or _never_scored(fact)
    if refusal is not None:
        return _unscored(fact, *refusal)
    if baseline is None:
        places = known_places(ground.baselines)
        near = Both(meant(fact.place, places), meant(fact.place, places, chinese=True))
        return _unscored(fact, *WORDS.both("unscored.no_baseline", near=near))
    last = baseline.scenario.time.end
    if fact.period_end > last:
        return _unscored(fact, *WORDS.both("unscored.too_late", baseline=baseline.id, last=month_text(last)))
    found = question(of_the_year(fact, baseline.scenario), _shape(baseline))
    if not isinstance(found, NotAnswered):
        return baseline
    earlier = _started_earlier(fact, baseline) if found.why == "months" else None
    return earlier or _unscored(fact, found.en, found.zh)


def _started_earlier(fact: Fact, baseline: Answering) -> Answering | None:
    """Return a baseline from an earlier start that answers a figure of years before its first month, None without one.

    The start is the January before all months asked, the end that of the year printed. A place starts from its base
    year's figures, moved with the world's demand; policies begin when they began.
    """
    first, last = months_asked(fact)
    first -= YEAR * (fact.kind == "growth") + 1  # a stock that rose is asked of the month before, too
    start, end = first - first % YEAR, last - last % YEAR + YEAR - 1
    scenario = baseline.scenario
    oldest = max(place.start.base_year for place in scenario.places) - MOST_BACK
    if not max(scenario.world.first_month, YEAR * oldest) <= start < scenario.time.start:
        return None
    end = max(end, start + 2 * YEAR - 1)
    months = {"start": start, "reported_until": end, "end": end}
    overrides = tuple(f"time.{name}={month_text(month)}" for name, month in months.items())
    try:
        moved = load(baseline.id, overrides=overrides).scenario
    except UserError:
        return None  # a policy of the file does not go with so short a run
    found = replace(baseline, scenario=moved, overrides=overrides)
    return None if isinstance(question(of_the_year(fact, moved), _shape(found)), NotAnswered) else found


def _unscored(fact: Fact, why: str, why_zh: str) -> Unscored:
    return Unscored(fact.id, fact.place, fact.variable, why, why_zh)


def _seen(fact: Fact, evidence: Sequence[Fact]) -> tuple[str, str] | None:
    """Return why a figure is not unseen."""
    for item in evidence:
        if _identity(item) != _identity(fact):
            continue
        if item.id == fact.id:
            return WORDS.both("unscored.id_seen")
        if item.basis == fact.basis or same_count(item, fact):
            return WORDS.both("unscored.seen", id=item.id)
    return None


def _identity(fact: Fact) -> tuple[object, ...]:
    """Return what a figure is of: an id alone may be used again for a later year."""
    return fact.place, fact.variable, months_asked(fact)


def _never_scored(fact: Fact) -> tuple[str, str] | None:
    """Return why a figure is no outcome that could be scored."""
    recipe = recipe_for(fact)
    if isinstance(recipe, Refusal):
        return recipe.en, recipe.zh
    if recipe.main in SIGNED:
        return WORDS.both("unscored.term")
    if fact.kind != "growth" and fact.value_plain <= 0.0:
        return WORDS.both("unscored.not_positive")
    if fact.kind == "growth" and fact.value_plain <= -1.0:
        return WORDS.both("unscored.all_lost")
    return None


def _shape(baseline: Answering) -> Truth:
    """Return a truth without numbers: enough to know whether runs of a baseline can be asked a figure."""
    scenario = baseline.scenario
    nothing = np.zeros((1, scenario.time.months, len(scenario.places)))
    return Truth(
        first_month=scenario.time.start,
        months=scenario.time.months,
        replicates=1,
        places=tuple(place.id for place in scenario.places),
        provinces=tuple(province_of(place) for place in scenario.places),
        variables=frozenset(INDEX),
        read=lambda name: nothing,
        anchor=lambda name: None,
        size_classes=lambda: (scenario.time.start // 12, np.zeros((1, 0, 0, 0, 0))),
        followed=lambda: (),
        policies=places_of_policies(scenario),
    )


def of_the_year(fact: Fact, scenario: Scenario) -> Fact:
    """Return a figure of a fair as it is asked of a scenario that holds the fair in another month.

    A yearly fair is moved by a few weeks, and is then the same fair: the figure is asked of the calendar year. Where a
    fair is held in the month printed it is asked of that month alone. Other figures stay as they are.
    """
    if fact.variable not in OF_ONE_FAIR or _fair_in(fact, scenario):
        return fact
    january = fact.period_end - fact.period_end % YEAR
    first, last = scenario.time.start, scenario.time.end
    return replace(fact, period_start=max(january, first), period_end=min(january + YEAR - 1, last))


def _fair_in(fact: Fact, scenario: Scenario) -> bool:
    """Whether a scenario holds a fair of the place in one of the months printed."""
    there = (item for item in scenario.policies if item.type == "fair" and fact.place in item.where)
    return any(
        held_in(item.terms_at(month).every, month, item.start)  # type: ignore[attr-defined]
        for item in there
        for month in range(max(fact.period_start, item.start), min(fact.period_end, item.end or fact.period_end) + 1)
    )


def _origin(run: Run, baseline: Answering, number: int) -> Origin:
    identity = run.manifest["identity"]
    fit = str(identity["draws"]) if drawn_from(run.manifest) == "fit" else ""
    failed = sum(failure["replicate"] < number for failure in run.failures)
    return Origin(run.id, baseline.id, fit, int((run.replicates < number).sum()), failed)


def _of_run(
    run: Run, number: int, baseline: Answering, fit: str, facts: Sequence[Fact], ground: _Ground
) -> dict[str, Scored | Unscored]:
    """Return the scores of the figures one run answers, by id; replicates beyond ``number`` do not count."""
    if not (run.replicates < number).any():
        return {fact.id: _unscored(fact, *WORDS.both("unscored.all_failed")) for fact in facts}
    truth = truth_of(run)
    found: dict[str, Scored | Unscored] = {}
    for fact in facts:
        asked = question(of_the_year(fact, baseline.scenario), truth)
        if isinstance(asked, NotAnswered):
            found[fact.id] = _unscored(fact, asked.en, asked.zh)
            continue
        answer = replace(asked.answer(truth), fact=fact)
        measure = measurement(fact, answer.bound, start_year=start_year_of(baseline.scenario, asked))
        measure = as_the_fit_knows(measure, fit)
        scored = _score(answer, answer.values[run.replicates < number], measure, baseline, fit, ground)
        if isinstance(scored, Scored) and measure.common == SHIFT:
            scored = replace(scored, of_place=_of_place(growth_of_place(fact, truth), run.replicates < number))
        found[fact.id] = scored
    return found


def _score(
    answer: Answer, simulated: Floats, measure: Measurement, baseline: Answering, fit: str, ground: _Ground
) -> Scored | Unscored:
    fact = answer.fact
    there = np.isfinite(measure.forward(simulated))
    without = int((~there).sum())
    if without > MOST_WITHOUT * there.size:
        return _unscored(fact, *WORDS.both("unscored.not_in_runs", without=without, runs=there.size))
    values = simulated[there][:, np.newaxis]
    counted = measure.counted(values, normal_points()[np.newaxis, :])
    compared = measure.forward(counted)
    band = Band(*(float(value) for value in np.quantile(counted, BAND)))
    known = Known(ground.evidence, baseline.industry_of(fact.place), ground.series)
    seen = [item.period_end for item in ground.evidence if item.place == fact.place and item.for_calibration]
    notes = [Both(answer.en, answer.zh)]
    if baseline.overrides:
        notes.append(WORDS.both("notes.begins", month=month_text(baseline.scenario.time.start)))
    # Rivals speak of the whole count, the model of a part of it: no comparison, though a ceiling stays one.
    partly = answer.bound != fact.bound or (fact.variable == "imports_and_exports" and fact.kind != "growth")
    if without:
        notes.append(WORDS.both("notes.without", without=without, runs=there.size))
    return Scored(
        fact=fact,
        scenario=baseline.id,
        fit=fit,
        bound=measure.bound if measure.bound != "exact" else fact.bound,
        in_logs=measure.in_logs,
        band=band,
        crps=crps_of_replicates(clipped(compared, measure.observed, measure.bound), measure.observed),
        pit=pit_of_samples(compared, measure.observed),
        inside_half=covered(fact.value_plain, measure.bound, band.p25, band.p75),
        inside_most=covered(fact.value_plain, measure.bound, band.p05, band.p95),
        later=fact.period_end > max(seen, default=0),
        rivals={} if partly else opponents(fact, measure, known, by_quantiles=False),
        note="; ".join(note.en for note in notes),
        note_zh="；".join(note.zh for note in notes),
        log_score=_log_score(measure.forward(simulated[there]), measure),
    )


def _log_score(middles: Floats, measure: Measurement) -> float | None:
    """Return minus the log density of a figure printed as it is, replicates being as likely each; None for a bound."""
    if measure.bound != "exact":
        return None
    return log_score_of_draws(middles + measure.offset, measure.noise, measure.observed)


def _of_place(grown: Floats | None, chosen: NDArray[np.bool_]) -> Band | None:
    """Return the band of growth of the place itself over the replicates that count."""
    if grown is None:
        return None
    values = grown[chosen]
    return Band(*(float(value) for value in np.quantile(values[np.isfinite(values)], BAND)))


def _not_later(items: Sequence[Scored | Unscored]) -> tuple[tuple[str, str], ...]:
    """Say which scored figures a fit could have looked back on."""
    ids = ", ".join(item.fact.id for item in items if isinstance(item, Scored) and not item.later)
    return (WORDS.both("notes.not_later", ids=ids),) if ids else ()


def _notes(outside: OutsideFacts, origins: Sequence[Origin], broken: Sequence[Broken]) -> tuple[tuple[str, str], ...]:
    few = [f"{item.scenario} {item.replicates}" for item in origins if item.replicates < FEW_RUNS]
    failed = [f"{item.scenario} {item.failed}" for item in origins if item.failed]
    told: dict[str, dict[str, Any]] = {
        "unknown_sources": {"ids": ", ".join(outside.unknown_sources)},
        "not_calibrated": {"ids": ", ".join(item.scenario for item in origins if not item.fit)},
        "few": {"runs": few, "least": FEW_RUNS},
        "failed": {"runs": failed},
    }
    notes = (
        WORDS.both(f"notes.{key}", **values) for key, values in told.items() if values.get("ids", values.get("runs"))
    )
    return (*notes, *unread(broken))
