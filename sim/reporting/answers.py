"""What an article would have printed: the simulated value of a reported figure in its own count, or why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.aggregate import is_ratio, over_places
from sim.observables import observable
from sim.policies.registry import policy_types
from sim.reporting import folds
from sim.reporting.recipes import WORDS, YEAR, Recipe, Refusal, Why, positions_of, recipe_for, refusal
from sim.units import month_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sim.evidence import Fact
    from sim.reporting.truth import Truth

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NotAnswered:
    """A figure that is not used, and why."""

    fact: Fact
    why: Why
    en: str
    zh: str


@dataclass(frozen=True)
class Answer:
    """A figure and what the replicates give for it.

    Attributes
    ----------
    values
        What an article would have printed, one number a replicate, in the figure's plain unit; NaN in a replicate
        that has none (growth from nothing).
    bound
        How the figure binds the values: its own bound, or a weaker one where the model measures a part of the count.
    variable
        Observable behind it (the first, where several are added up).
    scope
        How many times what the model counts the figure counts, shape (replicates,); 1 where there is no such factor.
    en, zh
        The transformation in words.
    """

    fact: Fact
    values: Floats
    bound: str
    variable: str
    scope: Floats
    recipe: Recipe
    en: str
    zh: str


@dataclass(frozen=True)
class Question:
    """A figure that simulations of this shape can answer; ask it of as many as there are."""

    fact: Fact
    recipe: Recipe
    positions: tuple[int, ...]

    def values(self, truth: Truth) -> Floats:
        """Return the simulated values, shape (replicates,), in the figure's plain unit and count."""
        return self._asked(truth)[0]

    def answer(self, truth: Truth) -> Answer:
        """Return the values with everything a reader wants to know of them."""
        values, scope = self._asked(truth)
        en, zh = self._words(scope)
        return Answer(self.fact, values, self.recipe.bound, self.recipe.main, scope, self.recipe, en, zh)

    @cached_property
    def _period(self) -> tuple[int, int]:
        """First and last month asked; of a stock the last month alone."""
        end = self.fact.period_end
        stock = observable(self.recipe.main).aggregate == "last"
        return end if stock else self.fact.period_start - self.recipe.back, end

    def _asked(self, truth: Truth) -> tuple[Floats, Floats]:
        """Return values and scope factors, each of shape (replicates,)."""
        ones = np.ones(truth.replicates)
        if self.recipe.growth == "same scope":
            return self._same_scope(truth), ones
        if self.recipe.source == "above scale":
            now = self._above_scale(truth, 0)
            return (now if self.recipe.growth == "none" else folds.growth(now, self._above_scale(truth, 1))), ones
        start, end = self._period
        now, scope = self._level(truth, start, end)
        if self.recipe.growth == "none":
            return (now[:, 0], scope) if now.shape[1] == 1 else (now.sum(axis=1), scope)
        before, _ = self._level(truth, start - YEAR, end - YEAR)
        if self.recipe.across == "mean":
            return np.asarray(folds.growth(now, before).mean(axis=1)), ones
        return folds.growth(now.sum(axis=1), before.sum(axis=1)), ones

    def _level(self, truth: Truth, start: int, end: int) -> tuple[Floats, Floats]:
        """Return the value of a period by place, shape (replicates, places or 1), and the scope factor of the total."""
        item = observable(self.recipe.main)
        if is_ratio(item):
            months = over_places(
                truth.slice(item.name, start, end, self.positions),
                truth.slice("output_value", start, end, self.positions),
                item,
            )
            return folds.over_months(months[:, :, np.newaxis], item.aggregate), np.ones(truth.replicates)
        values = np.zeros((truth.replicates, len(self.positions)))
        for name in self.recipe.observables:
            months = truth.slice(name, start, end, self.positions)
            values = values + folds.over_months(months, observable(name).aggregate)
            if name in self.recipe.rises:
                values = values - truth.slice(name, start - 1, start - 1, self.positions)[:, 0]
        factors = truth.scope(item.name, self.positions)
        if factors is None:
            return values, np.ones(truth.replicates)
        counted, plain = values * factors, values.sum(axis=1)
        middle = factors.mean(axis=1)
        return counted, np.divide(counted.sum(axis=1), plain, out=middle, where=plain > 0.0)

    def _same_scope(self, truth: Truth) -> Floats:
        followed = truth.followed()
        assert followed is not None
        year = self.fact.period_end // YEAR
        values = np.full(truth.replicates, np.nan)
        for replicate, rows in enumerate(followed):
            here = rows[np.isin(rows["place"], self.positions)]
            slots, years = here["slot"].astype(np.int64), here["year"].astype(np.int64)
            values[replicate] = folds.same_scope_growth(slots, years, here["output"].astype(float), year)
        return values

    def _above_scale(self, truth: Truth, years_before: int) -> Floats:
        kept = truth.size_classes()
        assert kept is not None
        first, table = kept
        chosen = table[:, self.fact.period_end // YEAR - years_before - first][:, list(self.positions)]
        return np.asarray(folds.above_scale(chosen).sum(axis=1))

    def _words(self, scope: Floats) -> tuple[str, str]:
        """Return the transformation in English and Chinese."""
        recipe, many, factor = self.recipe, len(self.positions), float(np.median(scope))
        start, end = (month_text(month) for month in self._period)
        span, span_zh = (start, start) if start == end else (f"{start} to {end}", f"{start}至{end}")
        told: tuple[tuple[str, bool], ...] = (
            (observable(recipe.main).aggregate, recipe.source == "monthly" and recipe.growth != "same scope"),
            (recipe.growth, recipe.growth != "none"),
            (f"places_{recipe.across}", many > 1),
            ("scope", factor != 1.0),
            ("assumed", bool(recipe.assumed)),
        )
        values = {"span": span, "span_zh": span_zh, "end": end, "many": many, "factor": f"{factor:.3g}"}
        values |= {"assumed": recipe.assumed, "assumed_zh": recipe.assumed_zh}
        rows = [(recipe.en, recipe.zh)]
        rows += [tuple(text.format(**values) for text in WORDS["told"][name]) for name, said in told if said]
        return "; ".join(en for en, _ in rows), "；".join(zh for _, zh in rows)


def question(fact: Fact, truth: Truth) -> Question | NotAnswered:
    """Return the question a figure puts to simulations of this shape, or why they cannot answer it."""
    asked = _asked(fact, truth)
    return NotAnswered(fact, asked.why, asked.en, asked.zh) if isinstance(asked, Refusal) else asked


def _asked(fact: Fact, truth: Truth) -> Question | Refusal:
    recipe = recipe_for(fact)
    if isinstance(recipe, Refusal):
        return recipe
    found = positions_of(fact.place, truth.places, truth.provinces)
    if isinstance(found, Refusal):
        return found
    missing = [name for name in recipe.observables if name not in truth.variables]
    if missing:
        return refusal("made_before", names=", ".join(missing))
    return _outside(fact, recipe, truth) or _without_policy(recipe, truth, found) or Question(fact, recipe, found)


def _without_policy(recipe: Recipe, truth: Truth, positions: tuple[int, ...]) -> Refusal | None:
    """Return why a figure of a policy is not asked: the scenario has no such policy in its places."""
    needed = {observable(name).policy for name in recipe.observables}
    if truth.policies is None or "" in needed:
        return None
    meant = {truth.places[position] for position in positions}
    if any(truth.policies.get(kind, frozenset()) & meant for kind in needed):
        return None
    types = ", ".join(kind.replace("_", " ") for kind in sorted(needed))
    return refusal(
        "no_policy", types=types, types_zh="、".join(policy_types()[kind].name_zh for kind in sorted(needed))
    )


def _outside(fact: Fact, recipe: Recipe, truth: Truth) -> Refusal | None:
    """Return why the months simulated do not hold what a figure needs."""
    start, end = fact.period_start - recipe.back, fact.period_end
    if recipe.growth == "same scope" or recipe.source == "above scale":
        kept = truth.followed() if recipe.growth == "same scope" else truth.size_classes()
        if kept is None:
            return refusal("single_firms")
        if end - start != YEAR - 1 or start % YEAR:
            return refusal("calendar_years")
    first = start - YEAR if recipe.growth != "none" else start
    if recipe.rises:
        first -= 1
    if observable(recipe.main).aggregate == "last":
        first = end if recipe.growth == "none" else end - YEAR
    if truth.covers(first, end):
        return None
    months = {"have": truth.first_month, "until": truth.first_month + truth.months - 1, "needed": first, "last": end}
    return refusal("outside", **{name: month_text(month) for name, month in months.items()})


def answer(fact: Fact, truth: Truth) -> Answer | NotAnswered:
    """Return what the replicates of a run, or of plain arrays, give for a reported figure, or why they give nothing."""
    asked = question(fact, truth)
    return asked if isinstance(asked, NotAnswered) else asked.answer(truth)


def growth_of_place(fact: Fact, truth: Truth) -> Floats | None:
    """Return growth of the place itself over the months of a printed rate, everybody counted then and now.

    Returns
    -------
    ndarray or None
        Shape (replicates,); None where the figure is no growth, or a run cannot say.
    """
    if fact.kind != "growth":
        return None
    asked = question(replace(fact, basis=""), truth)
    return None if isinstance(asked, NotAnswered) else asked.values(truth)


def answers(facts: Iterable[Fact], truth: Truth) -> list[Answer | NotAnswered]:
    """Return one entry for every figure, in their order."""
    return [answer(fact, truth) for fact in facts]
