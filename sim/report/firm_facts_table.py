"""Facts of firms as a table: what is published, and what the draws of a fit show."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report.rounding import finite, range_text
from sim.report.table import Column, layout, one_line, record, table
from sim.report.words import say
from sim.units import pick
from sim.validation.firm_facts import BY_AGE, BY_QUARTER, WANTED, kept, read_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.calibrate.fits import Fit
    from sim.units import Language
    from sim.validation.firm_facts import Fact, FirmsOfDraws

MINUS = "\u2212"
IN_PERCENT = ("share", "1/year")


def facts_lines(fit: Fit, language: Language, width: int | None = None) -> list[str]:
    """Return the facts kept beside a fit, or how to measure them."""
    found, current = kept(fit)
    place = fit.id.rsplit("-", 1)[0]
    command = f"countysim fit {place} --firms 12"
    if found is None:
        return [say(language, "firm_facts_table.facts_firms_not_measured", command=command)]
    lines = [heading(found, language), *layout(columns(found, language), width)]
    lines.append(growth_line(found, language))
    held, facts = sum(map(found.holds, read_facts())), len(read_facts())
    lines.append(say(language, "firm_facts_table.facts_in_their_range", held=held, facts=facts, wanted=WANTED))
    if not current:
        lines.append(say(language, "firm_facts_table.measured_on_other_draws", command=command))
    return lines


def heading(found: FirmsOfDraws, language: Language) -> str:
    """Return what was measured."""
    return say(language, "firm_facts_table.facts_firms_draws_years", found=found)


def columns(found: FirmsOfDraws, language: Language) -> list[Column]:
    """Return the table: fact, published number, range, median, lowest and highest draw, draws inside."""
    rows = []
    for fact in read_facts():
        values = found.of(fact)
        some = values[np.isfinite(values)]
        told = [number(float(of(some)), fact.unit) if some.size else "" for of in (np.min, np.median, np.max)]
        published = pick(language, fact.published, fact.published_zh or fact.published)
        missed = "" if found.holds(fact) else say(language, "firm_facts_table.missed")
        inside, ends = f"{found.inside(fact)}/{found.draws}", " … ".join(filter(None, told[::2]))
        about = (one_line(fact.label(language)), published, known_within(fact, language))
        rows.append((*about, told[1], ends, inside, missed))
    return table(language, "facts_of_firms", rows)


def growth_line(found: FirmsOfDraws, language: Language) -> str:
    """Return mean growth by size and by age, medians over draws."""

    def medians(names: Sequence[str]) -> str:
        values = [found.described(name) for name in names]
        some = [one[np.isfinite(one)] for one in values]
        return " / ".join(f"{100.0 * np.median(one):+.1f}%".replace("-", MINUS) if one.size else "–" for one in some)

    sizes, ages = medians(BY_QUARTER), medians(BY_AGE)
    return say(language, "firm_facts_table.mean_growth_less_median", sizes=sizes, ages=ages)


def known_within(fact: Fact, language: Language) -> str:
    """Return the range of a fact."""
    return range_text(number(fact.low, fact.unit), number(fact.high, fact.unit), language)


def number(value: float, unit: str) -> str:
    """Return a value of a fact: shares and rates in percent."""
    if not math.isfinite(value):
        return ""
    text = f"{100.0 * value:.1f}%" if unit in IN_PERCENT else f"{value:.2f}"
    return text.replace("-", MINUS)


def facts_record(fit: Fit) -> dict[str, Any] | None:
    """Return the facts kept beside a fit for other programs, None without any."""
    found, current = kept(fit)
    if found is None:
        return None
    return {
        "draws": found.draws, "years": found.years, "scale": found.scale, "of_the_fit_as_it_is": current,
        "facts": [_record(found, fact) for fact in read_facts()],
    }  # fmt: skip


def _record(found: FirmsOfDraws, fact: Fact) -> dict[str, Any]:
    values = [finite(value) for value in found.of(fact).tolist()]
    return record("fact_of_firms", fact=fact, values=values, inside=found.inside(fact), holds=found.holds(fact))
