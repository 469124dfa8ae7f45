"""What a reader must know before using the figures, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sim import workspace
from sim.compare.comparison import Note
from sim.compare.rows import build_rows
from sim.compare.runs import pair
from sim.compare.statistics import (
    MINIMUM_RUNS_FOR_BAND,
    MINIMUM_RUNS_FOR_FIRM_BAND,
    NOISE_CUT_WARNING,
    is_rough,
    verdict_text,
)
from sim.evidence import load_facts
from sim.experiments.find import at_other_scales
from sim.inputs.files import InputFile
from sim.inputs.problems import LANGUAGES
from sim.inputs.words import Both, Words
from sim.reporting import truth_of
from sim.state.record import MONEY_STAGES
from sim.units import format_money, format_value, month_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sim.compare.comparison import Equality, GoalRow, Row, Setting
    from sim.compare.runs import Pairing
    from sim.experiments import Run
    from sim.experiments.parameter_draws import DrawnFrom

WORDS: Final = Words(__file__)
FIRST_MONTHS: Final = 12
"""Months of the first year, over which service is judged."""
MONEY_WORTH_SAYING = 0.05
"""Money outside the window over that inside from which on it is told."""
SCOPE_WORTH_SAYING = 0.05
"""Distance of a scope factor from 1 from which on it is told."""
NO_DIFFERENCE = ("identical", "no clear difference")


def build_notes(
    pairing: Pairing,
    setting: Setting,
    equality: Equality,
    rows: Sequence[Row],
    goals: Sequence[GoalRow],
    window: tuple[int, int],
) -> tuple[Note, ...]:
    """Return the notes in the order in which they are printed; ``rows`` are the headline rows."""
    b, a = pairing.b.scenario_id, pairing.a.scenario_id
    why, weak = Both(equality.why, equality.why_zh), [row for row in rows if row.variance_reduction < NOISE_CUT_WARNING]
    labels = [Both(row.label, row.label_zh) for row in weak]
    return (
        *([note("N01", b=b, a=a, part=pairing.spans_differ, why=why)] if equality.identical else []),
        *_runs(pairing),
        *_early(equality, pairing),
        *([note("noise", names=labels)] if weak else []),  # pairing hardly helped
        *carried_notes(pairing, rows),
        *_money_elsewhere(pairing, window),
        *_head_count(pairing, rows),
        *_goals(pairing, goals),
        *_starved(pairing, setting),
        bands_note(setting.drawn_from, setting.worlds),
        _assumed(setting),
    )


def note(code: str, text: str = "", /, **values: object) -> Note:
    """Return a note: a text of ``words.toml``, of its code where none is named."""
    return Note(code, *WORDS.both(f"notes.{text or code.replace('-', '_')}", **values))


def covered(drawn_from: DrawnFrom, worlds: Sequence[str] = ()) -> Both:
    """Return what the spread over replicates comes from.

    Parameters
    ----------
    worlds
        Ids of the worlds that replicates meet in turn.
    """
    parts = ["chance", *([drawn_from] if drawn_from != "assumed" else []), *(["worlds"] if worlds else [])]
    *first, last = (WORDS.both(f"covered.{part}", worlds=list(worlds)) for part in parts)
    return WORDS.both("covered.several", first=first, last=last) if first else WORDS.both("covered.only")


def only_zh(drawn_from: DrawnFrom, worlds: Sequence[str] = ()) -> str:
    """Return the word that stands in Chinese before a verb where the spread is chance alone."""
    return "" if worlds or drawn_from != "assumed" else "只"


def bands_note(drawn_from: DrawnFrom, worlds: Sequence[str] = ()) -> Note:
    """Say what the bands cover; ``worlds`` as in ``covered``."""
    inside, more = covered(drawn_from, worlds), WORDS.both(f"notes.bands_{drawn_from}")
    return note("bands", inside=inside, more=more, only=only_zh(drawn_from, worlds))


def _starved(pairing: Pairing, setting: Setting) -> Iterator[Note]:
    """Say how many draws of priors leave makers unable to deliver what is ordered; a calibration discards them."""
    if setting.drawn_from != "priors":
        return
    least = least_service()
    served = (
        pairing.monthly("orders_delivered", place)[1][:, :FIRST_MONTHS].mean(axis=1) for place in pairing.a.places
    )
    below = np.any([each < least for each in served], axis=0)
    if low := int(below.sum()):
        yield note("starved", low=low, pairs=below.size, least=100 * least)


def least_service() -> float:
    """Return the share of orders below which a start cannot serve its customers (``calibration/likelihood.toml``)."""
    path = workspace.needed("likelihood.toml", "which starts cannot serve their customers")
    return float(InputFile(path).data["service"]["least"]["value"])


def span_note(pairing: Pairing) -> Note | None:
    """Say which years both runs hold, when one begins or ends at another month than the other."""
    if not pairing.spans_differ:
        return None
    spans = [(month_text(int(run.months[0])), month_text(int(run.months[-1]))) for run in (pairing.a, pairing.b)]
    (a, a_end), (b, b_end) = spans
    return note("span", a=a, a_end=a_end, b=b, b_end=b_end, years=f"{pairing.years[0]}-{pairing.years[-1]}")


def _runs(pairing: Pairing) -> Iterator[Note]:
    """Say what the runs do not allow: other years, no pairs, missing partners, failed replicates, too few for bands."""
    span, n = span_note(pairing), pairing.n
    if span is not None:
        yield span
    if not pairing.paired:
        yield note("unpaired", b=len(pairing.rows_b), a=len(pairing.rows_a))
    if pairing.dropped:
        yield note("dropped", n=n, dropped=pairing.dropped, tried=n + pairing.dropped)
    failed = [(side, len(run.failures)) for side, run in (("A", pairing.a), ("B", pairing.b)) if run.failures]
    if failed:
        yield note("failed", counts=[WORDS.both("notes.failed_of", side=side, count=many) for side, many in failed])
    if n < MINIMUM_RUNS_FOR_BAND:
        yield note("few", n=n, least=MINIMUM_RUNS_FOR_BAND)
    elif is_rough(n):
        yield note("rough", n=n, least=MINIMUM_RUNS_FOR_FIRM_BAND)


def _early(equality: Equality, pairing: Pairing) -> Iterator[Note]:
    """Results that part before the scenarios do."""
    if not pairing.paired or equality.as_expected:
        return
    differs, first = month_text(equality.first_difference or 0), equality.first_change
    key = "no_change" if first is None else "first_change"
    yield note("early", differs=differs, change=WORDS.both(f"notes.{key}", first=month_text(first or 0)))


def carried_notes(pairing: Pairing, rows: Sequence[Row]) -> Iterator[Note]:
    """Yield a note on each difference that one or few replicates make alone, with the command that says what happened.

    ``rows`` are of the pairs of ``pairing``.
    """
    for row in rows:
        few = [pairing.replicates[position] for position in row.carriers] if row.n == pairing.n else []
        if not few:
            continue
        mean, median = (
            Both(*(format_value(value, row.unit, language) for language in LANGUAGES))
            for value in (row.difference.mean, row.difference.p50)
        )
        ask = f"countysim explain {pairing.b.scenario_id} {pairing.a.scenario_id} --replicate {few[0]}"
        yield note(
            f"carried-{row.variable}", "carried", one=len(few), numbers=", ".join(map(str, few)), n=row.n,
            label=Both(row.label, row.label_zh), mean=mean, median=median, ask=ask,
        )  # fmt: skip


def _money_elsewhere(pairing: Pairing, window: tuple[int, int]) -> Iterator[Note]:
    """Public money that the scenarios differ by in months both hold outside the window: nothing printed counts it."""
    extra, paid_a = (_paid_by_year(*side, pairing.months) for side in pairing.sides)
    for year, yuan in paid_a.items():
        extra[year] -= yuan
    outside = {year: yuan for year, yuan in extra.items() if not window[0] <= year <= window[1] and abs(yuan) >= 1.0}
    total, inside = sum(outside.values()), sum(yuan for year, yuan in extra.items() if window[0] <= year <= window[1])
    if not outside or abs(total) < MONEY_WORTH_SAYING * abs(inside):
        return
    first, last = min(outside), max(outside)
    until = WORDS.both("notes.until", until=month_text(pairing.months[-1])) if last > pairing.years[-1] else ""
    # Only complete years can be asked for.
    widest = (max(min(first, window[0]), pairing.years[0]), min(max(last, window[1]), pairing.years[-1]))
    yield note(
        "money-elsewhere", window=f"{window[0]}-{window[1]}", span=f"{first}-{last}" if last > first else f"{first}",
        until=until, more=total > 0.0, amount=Both(*(format_money(abs(total), language) for language in LANGUAGES)),
        advice="" if widest == window else f" (--window {widest[0]}-{widest[1]} does)",
    )  # fmt: skip


def _paid_by_year(run: Run, rows: NDArray[np.intp], months: Sequence[int]) -> dict[int, float]:
    """Return the public money a run pays in some months by calendar year, a mean over the replicates used."""
    paid = run.money()[rows][..., MONEY_STAGES.index("paid")].sum(axis=(2, 3)).mean(axis=0)
    inside, years = np.isin(run.months, months), np.asarray(run.months) // 12
    return {int(year): float(paid[inside & (years == year)].sum()) for year in np.unique(years[inside])}


def _head_count(pairing: Pairing, rows: Sequence[Row]) -> Iterator[Note]:
    """Say how the employment printed lies to the published head count of the place."""
    if len(pairing.b.places) != 1 or not any(row.variable == "employment" for row in rows):
        return
    (place,) = pairing.b.places
    factor = _scope(pairing, "employment", place)
    published = any(fact.variable == "employment" for fact in load_facts() if fact.place == place)
    if published and abs(factor - 1.0) >= SCOPE_WORTH_SAYING:
        yield note("head-count", factor=factor)


def _goals(pairing: Pairing, goals: Sequence[GoalRow]) -> Iterator[Note]:
    """Aims past the end of the runs, and the factor between a reported count and the model's where an aim is in it."""
    late = [goal.id for goal in goals if goal.ends_before]
    if late:
        yield note("goal-late", late=late)
    for goal in goals:
        factor = _scope(pairing, goal.variable, goal.place)
        if factor != 1.0:
            label = Both(goal.label, goal.label_zh)
            yield note(f"scope-{goal.variable}", "scope", label=label, factor=factor, id=goal.id)


def _scope(pairing: Pairing, variable: str, place: str) -> float:
    """How many times what the model counts a reported figure counts: median over runs and places, 1 if the same."""
    truth = truth_of(pairing.b)
    positions = [truth.places.index(place)] if place in truth.places else range(len(truth.places))
    factors = truth.scope(variable, positions)
    return 1.0 if factors is None else float(np.median(factors))


def _assumed(setting: Setting) -> Note:
    """How much of the input nobody published."""
    count = setting.assumed_parameters
    parameters = WORDS.both("notes.assumed_parameters", parameters=count) if count else ""
    return note("assumed", values=setting.assumed_values, parameters=parameters)


# --- whether the verdicts hold when one simulated firm stands for more or fewer firms ---


def scale_notes(b: Run, a: Run, headline: Sequence[Row], window: tuple[int, int], at: int) -> tuple[Note, ...]:
    """Say for every other scale at which both scenarios have been run alike which verdicts change there.

    Where there is none and firms are grouped, say how to check. With too few pairs for verdicts nothing is said.

    Parameters
    ----------
    headline
        Rows whose verdicts are printed.
    """
    if not headline or headline[0].n < MINIMUM_RUNS_FOR_BAND:
        return ()
    theirs, ours = at_other_scales(b), at_other_scales(a)
    found = []
    for scale in sorted(theirs.keys() & ours.keys()):
        pairing = pair(theirs[scale], ours[scale])
        if pairing.n < MINIMUM_RUNS_FOR_BAND or not {at, *window} <= set(pairing.years):
            continue
        rows = build_rows(pairing, window, at)
        there = {row.variable: row for row in rows if (row.period, row.place) == (str(at), headline[0].place)}
        found.append(
            _scale_note(scale, pairing.n, [(row, there[row.variable]) for row in headline if row.variable in there])
        )
    grouped = int(b.manifest["firms_per_agent"])
    if not found and grouped > 1:
        pages = f"countysim compare {b.scenario_id} {a.scenario_id} --check-scale {max(1, grouped // 2)}"
        found.append(note("scale_unchecked", grouped=grouped, pages=pages))
    return tuple(found)


def _scale_note(scale: int, pairs: int, both: Sequence[tuple[Row, Row]]) -> Note:
    """Return what changes at another scale; ``both`` holds each row here and there."""
    changed = [(here, there) for here, there in both if _differ(here, there)]
    told = [
        WORDS.both("notes.scale_changed", label=Both(here.label, here.label_zh), there=_word(there), here=_word(here))
        for here, there in changed
    ]
    return note("scale" if changed else "scale_same", scale=scale, pairs=pairs, changed=told)


def _differ(here: Row, there: Row) -> bool:
    words = [row.verdict for row in (here, there)]
    if all(word in NO_DIFFERENCE for word in words):
        return False
    return words[0] != words[1] or (here.prob_higher > 0.5) != (there.prob_higher > 0.5)


def _word(row: Row) -> Both:
    """Return the verdict of a row with its direction, where it has one."""
    word = Both(*(verdict_text(row.verdict, language) for language in LANGUAGES))
    if row.verdict in NO_DIFFERENCE:
        return word
    way = WORDS.both("notes.higher" if row.prob_higher > 0.5 else "notes.lower")
    return Both(word.en + way.en, word.zh + way.zh)
