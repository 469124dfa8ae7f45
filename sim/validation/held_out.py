"""Figures left out of a fit one at a time, scored: what the fit without them says, against naive rivals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.calibrate.answering import (
    answering_baselines,
    baseline_for,
    known_places,
    place_names,
    require_places,
    require_readable,
)
from sim.calibrate.fits import known_fits, read_fit
from sim.calibrate.measurement import measurement
from sim.calibrate.ranking import evenness_p
from sim.calibrate.scores import BAND, LEVELS, clipped, covered, crps_of_quantiles, pit_of_quantiles
from sim.errors import UserError
from sim.evidence import load_facts, load_series
from sim.validation.rivals import WORDS, Known
from sim.validation.skill import Band, JointGrowth, Origin, Scorecard, Scored, Unscored, opponents, unread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sim.calibrate.algebra import Floats
    from sim.calibrate.answering import Answering, Broken
    from sim.calibrate.fits import Fit
    from sim.evidence import Fact


def score_left_out(asked: Sequence[str]) -> Scorecard:
    """Return the scorecard of growth figures left out, and the list of the others.

    Parameters
    ----------
    asked
        Places; none, or ``all``, for all that figures are reported for.

    Raises
    ------
    UserError
        If a place is not known, or none of them has a fit that may be used; with the command that makes one.
    """
    baselines, broken = answering_baselines()
    evidence = load_facts()
    reported = {fact.place for fact in evidence if fact.for_calibration}
    everywhere = tuple(sorted({*known_places(baselines, broken), *reported}))
    places = [place for place in require_places(asked, everywhere) if place in reported]
    if not places:
        raise UserError(f"nothing is reported for {', '.join(asked)}, so no figure was left out of a fit")
    if asked and "all" not in asked:
        require_readable(places, baselines, broken)
    fits, missing = _fits(places, baselines)
    if not fits:
        raise UserError(_nothing_fitted(missing))
    facts = {fact.id: fact for fact in evidence}
    series = load_series()
    scored, listed, unscored = [], [], []
    for place, fit in fits.items():
        baseline = baseline_for(place, baselines)
        industry = baseline.industry_of(place) if baseline is not None else "all"
        for row in fit.diagnostics["facts"]:
            fact = facts.get(row["id"])
            if fact is None or fact.place != place:
                continue
            if row.get("left_out") is None:
                if fact.kind == "growth":
                    why, why_zh = row.get("why", ""), row.get("why_zh", "")
                    unscored.append(Unscored(fact.id, place, fact.variable, why, why_zh))
            elif fact.kind == "growth":
                scored.append(_scored(fact, row, fit, Known(evidence, industry, series)))
            else:
                listed.append(_scored(fact, row, fit))
    used = {fit.id: fit for fit in fits.values()}
    return Scorecard(
        kind="left out",
        file="",
        scored=tuple(scored),
        listed=tuple(listed),
        unscored=tuple(unscored),
        origins=tuple(_origin(fit) for fit in used.values()),
        names={place: place_names(place, baselines) for place in fits},
        notes=_notes(missing, broken),
        joint=_joint(used.values()),
    )


def _joint(fits: Iterable[Fit]) -> JointGrowth | None:
    """Return the joint test of printed growth: of the largest set of places fitted together."""
    records = [found for fit in fits if (found := fit.diagnostics.get("joint_growth"))]
    if not records:
        return None
    record = max(records, key=lambda found: len(found["figures"]))
    pits = tuple(float(value) for value in record["pits"])
    evenness = evenness_p(np.array(pits))
    return JointGrowth(tuple(record["figures"]), float(record["p"]), float(record["z"]), pits, evenness)


def _fits(places: Sequence[str], baselines: Sequence[Answering]) -> tuple[dict[str, Fit], dict[str, str]]:
    """Return the fit of each place, and for places without one that may be used why, with the way out.

    Of several fits the one the place's baseline asks for comes first, then one of the place alone.
    """
    known = {name: read_fit(name) for name in known_fits()}
    found, missing = {}, {}
    for place in places:
        baseline = baseline_for(place, baselines)
        first = baseline.fit if baseline is not None else ""
        names = sorted(
            (name for name, fit in known.items() if _left_out(fit, place)),
            key=lambda name: (name != first, known[name].diagnostics["fit"]["kind"] != "alone", name),
        )
        refusals = {name: known[name].refusal for name in names}
        usable = next((name for name, refused in refusals.items() if refused is None), None)
        if usable is not None:
            found[place] = known[usable]
        elif names:
            missing[place] = str(refusals[names[0]])
        else:
            unit = baseline.places[0] if baseline is not None else place
            missing[place] = (
                f"the fit {first} uses no reported figure of {place}: none of them is an outcome of the model"
                if first in known
                else f"no fit of {place} yet\n     make one: countysim calibrate {unit}"
            )
    return found, missing


def _nothing_fitted(missing: Mapping[str, str]) -> str:
    """Say why there is nothing to score, and the way out, in a few lines."""
    without = [place for place, text in missing.items() if text.startswith("no fit of")]
    if len(without) > 1:
        refused = [text for place, text in missing.items() if place not in without]
        return "\n".join([*refused, f"no fit yet of {', '.join(without)}", "     make them: countysim calibrate all"])
    return "\n".join(missing.values())


def _left_out(fit: Fit, place: str) -> bool:
    """Whether a fit has left figures of a place out."""
    return any(row["place"] == place and row.get("left_out") is not None for row in fit.diagnostics["facts"])


def _origin(fit: Fit) -> Origin:
    head = fit.diagnostics["fit"]
    return Origin(fit.id, str(head["scenario"]), fit.id, int(head["draws"]))


def _band(quantiles: Floats) -> Band:
    at = dict(zip(LEVELS, quantiles.tolist(), strict=True))
    return Band(*(at[level] for level in BAND))


def _scored(fact: Fact, row: Mapping[str, Any], fit: Fit, known: Known | None = None) -> Scored:
    """Return a figure with the scores of the fit without it; against rivals where there is something to know."""
    quantiles, bound = np.asarray(row["left_out"]["quantiles"], dtype=np.float64), str(row["bound"])
    measure, band = measurement(fact, bound), _band(quantiles)
    compared = measure.forward(quantiles)
    return Scored(
        fact=fact,
        scenario=str(fit.diagnostics["fit"]["scenario"]),
        fit=fit.id,
        bound=bound,
        in_logs=measure.in_logs,
        band=band,
        crps=crps_of_quantiles(clipped(compared, measure.observed, measure.bound), measure.observed),
        pit=pit_of_quantiles(compared, measure.observed),
        inside_half=covered(fact.value_plain, bound, band.p25, band.p75),
        inside_most=covered(fact.value_plain, bound, band.p05, band.p95),
        later=False,
        rivals={} if known is None else opponents(fact, measure, known, by_quantiles=True),
        log_score=row["left_out"].get("log_score"),
        of_place=Band(**row["of_place"]) if row.get("of_place") else None,
    )


def _notes(missing: Mapping[str, str], broken: Sequence[Broken]) -> tuple[tuple[str, str], ...]:
    notes = [WORDS.both("notes.one_at_a_time")]
    notes += [
        WORDS.both("notes.left_aside", place=place, text=" ".join(text.split())) for place, text in missing.items()
    ]
    return (*notes, *unread(broken))
