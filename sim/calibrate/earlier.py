"""Which earlier figures say something of a later one: the same place, the same thing counted, and over which months."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.observables import observable
from sim.reporting import Refusal, recipe_for
from sim.reporting.recipes import YEARLY_EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.evidence import Fact
    from sim.reporting import Recipe


def order(item: Fact) -> tuple[int, int, str]:
    """Sort key: the latest figure last, of one month the one over more months last."""
    return item.period_end, -item.period_start, item.id


def alike(fact: Fact, before: Sequence[Fact]) -> list[Fact]:
    """Return earlier figures of the same place, variable and basis, the latest last.

    The same words of a basis come first; without any such figure those count that the reporting filter asks in the same
    way, whatever the words. Figures that the filter cannot ask (a year that is not stated, one firm) are none of them.
    """
    those = [item for item in before if (item.place, item.variable) == (fact.place, fact.variable)]
    same = sorted((item for item in those if not isinstance(recipe_for(item), Refusal)), key=order)
    by_words = [item for item in same if _plain(item.basis) == _plain(fact.basis)]
    return by_words or [item for item in same if same_count(item, fact)]


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace(";", " ").replace(",", " ").split())


def same_count(one: Fact, other: Fact) -> bool:
    """Whether two figures count the same thing, as far as the reporting filter can tell; over whichever months."""
    first, second = recipe_for(one), recipe_for(other)
    if isinstance(first, Refusal) or isinstance(second, Refusal):
        return False
    return _asked(first) == _asked(second)


def _asked(recipe: Recipe) -> tuple[object, ...]:
    return recipe.observables, recipe.growth, recipe.source, recipe.across


def months_asked(fact: Fact) -> tuple[int, int]:
    """Return the first and the last month the reporting filter asks of a figure.

    A stock is asked of its last month alone; of a cumulative month and of upgrades months before it are taken in.
    """
    recipe = recipe_for(fact)
    if isinstance(recipe, Refusal):
        return fact.period_start, fact.period_end
    if observable(recipe.main).aggregate == "last" and recipe.growth == "none":
        return fact.period_end, fact.period_end
    return fact.period_start - recipe.back, fact.period_end


def converted(last: Fact, fact: Fact) -> tuple[float, str, str]:
    """Return the factor from the months of an earlier figure to those of a later one, and the earlier figure in words.

    A flow is taken to be the same every month: eight months are 8/12 of a year. Months are those the reporting filter
    asks: "cumulative" of August counts eight. A stock or a share needs no factor, nor does what happens once a year (a
    fair).
    """
    recipe = recipe_for(fact)
    if isinstance(recipe, Refusal) or observable(recipe.main).aggregate != "sum":
        return 1.0, last.id, last.id
    now, then = (end - start + 1 for start, end in (months_asked(fact), months_asked(last)))
    if now == then or fact.variable.startswith(YEARLY_EVENTS):
        return 1.0, last.id, last.id
    return now / then, f"{last.id} times {now}/{then} (months)", f"{last.id}乘以{now}/{then}（按月数折算）"


def middle_month(fact: Fact) -> float:
    """Return the month a figure stands for: the middle of a flow's or share's months, the last one of a stock."""
    start, end = months_asked(fact)
    return 0.5 * (start + end)
