"""How a reported figure is asked of a simulation: observables, months, growth, scope, and why some cannot be asked.

The words of a printed basis are read in English and Chinese, capital letters or not; words that are not known change
nothing (patterns and all that is said: ``words.toml``). Nothing here looks at a run; ``sim.reporting.answers`` does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from sim.evidence.variables import GROWTH, REPORTED, measured_by
from sim.inputs.data import beside
from sim.observables import observable

if TYPE_CHECKING:
    from sim.evidence import Fact

WORDS: Final = beside(__file__)
YEAR: Final = 12


@dataclass(frozen=True)
class Recipe:
    """What to take of a simulation for one figure.

    Attributes
    ----------
    observables
        Added up; all have the same unit. A stock beside a flow counts with its rise over the period.
    growth
        ``none``, ``nominal`` (over the same months a year earlier, everybody in the count then and now) or
        ``same scope`` (firms in the count now, against their own past).
    source
        ``monthly``, or ``above scale``: makers above the cut, from the yearly size classes. Its growth is that of the
        two counts: firms that passed the cut bring no history.
    back
        Months before the first one of the period that are taken in as well.
    across
        Several places: ``total``, or ``mean`` of the places' values, each counting the same.
    bound
        The figure's bound, or a weaker one where the model measures a part of what was counted.
    en, zh
        What is taken, in words.
    assumed, assumed_zh
        What has to be assumed for it; empty when nothing.
    """

    observables: tuple[str, ...]
    growth: Literal["none", "nominal", "same scope"]
    source: Literal["monthly", "above scale"]
    back: int
    across: Literal["total", "mean"]
    bound: str
    en: str
    zh: str
    assumed: str = ""
    assumed_zh: str = ""

    @property
    def main(self) -> str:
        """The observable that names unit, aggregate and scope."""
        return self.observables[0]

    @property
    def rises(self) -> tuple[str, ...]:
        """Stocks added to a flow: of these the rise over the period is taken."""
        if observable(self.main).aggregate != "sum":
            return ()
        return tuple(name for name in self.observables if observable(name).aggregate == "last")

    def taken(self, name: str, **more: Any) -> Recipe:
        """Return the recipe as a row of ``[taken]`` in ``words.toml`` has it."""
        row = dict(WORDS["taken"][name])
        if "taken" in row:
            more["en"], more["zh"] = (text.format(en=self.en, zh=self.zh) for text in row.pop("taken"))
        if "assumed" in row:
            more["assumed"], more["assumed_zh"] = row.pop("assumed")
        return replace(self, **row, **more)


Why = Literal[
    "goal", "policy input", "input", "no observable", "one firm", "basis", "unit", "place", "months", "not recorded",
    "no policy",
]  # fmt: skip
"""Kinds of reasons why a figure is not used."""

WHY_WORDS: Final[dict[Why, list[str]]] = WORDS["why"]


@dataclass(frozen=True)
class Refusal:
    """Why a figure cannot be asked of any simulation, in words."""

    why: Why
    en: str
    zh: str


def refusal(row: str, **values: object) -> Refusal:
    """Return a reason of ``[refused]`` in ``words.toml``."""
    why, *both = WORDS["refused"][row]
    return Refusal(why, *(text.format(**values) for text in both))


def recipe_for(fact: Fact) -> Recipe | Refusal:
    """Return how a figure is asked of a simulation, or why it cannot be."""
    wrong = _refused(fact)
    if wrong is not None:
        return wrong
    name = fact.variable.removesuffix(GROWTH)
    observables = measured_by(name)
    if not observables:
        return refusal("not_measured")
    items = [observable(one) for one in observables]
    recipe = Recipe(
        observables,
        growth="nominal" if fact.variable.endswith(GROWTH) else "none",
        source="monthly",
        back=0,
        across="total",
        bound=fact.bound,
        en=" and ".join(f"{item.label} ({item.basis})" if item.basis else item.label for item in items),
        zh="与".join(item.label_zh for item in items),
    )
    asked = by_basis(_by_variable(recipe, fact, name), fact)
    # A flow dated with one month and called cumulative takes in the months since January.
    if observable(asked.main).aggregate == "sum" and not fact.variable.startswith(YEARLY_EVENTS):
        if year_not_stated(fact):
            return refusal("year_not_stated")
        since = since_january(fact)
        asked = asked if since is None else replace(asked, back=since)
    return _of_other_unit(asked, fact) or not_followed(asked, fact) or asked


def _of_other_unit(recipe: Recipe, fact: Fact) -> Refusal | None:
    """Return why the unit of a figure is not that of what is measured."""
    measured = observable(recipe.main)
    if recipe.growth != "none":
        return refusal("growth") if measured.unit in ("share", "index") or fact.unit_plain != "share" else None
    whole_year = measured.aggregate == "sum" and months_of(fact) + recipe.back == YEAR
    if fact.unit_plain == measured.unit or (whole_year and fact.unit_plain == f"{measured.unit}/year"):
        return None
    return refusal("unit", printed=fact.unit, measured=measured.unit)


def _refused(fact: Fact) -> Refusal | None:
    """Return why a figure is no outcome a simulation is asked for."""
    if fact.kind == "goal":
        return refusal("goal")
    name = fact.variable.removesuffix(GROWTH)
    why = None if name not in REPORTED else REPORTED[name].not_asked
    if not fact.for_calibration or (why is not None and not measured_by(name)):
        return Refusal(*why) if why else refusal("policy_input")
    if name.startswith("firm_") or (said("one_firm", fact) and name not in OF_FIRMS):
        return refusal("one_firm")
    if fact.variable == "imports_and_exports" and fact.bound == "at_least":
        return refusal("imports")
    if said("a_part", fact):
        return refusal("of_which")
    some = said("some_places", fact)
    if some is None or fact.place not in SETS:
        return None
    told = (some[1] or some[2]).casefold()
    number, meant = IN_WORDS.get(told) or int(told), SETS[fact.place]
    if number == (len(meant.members) or meant.whole):
        return None
    return refusal("some_places", number=number, name=meant.name, name_zh=meant.name_zh)


def _by_variable(recipe: Recipe, fact: Fact, name: str) -> Recipe:
    """Adapt a recipe where the name of the variable says that something else was counted than is measured."""
    if name == "imports_and_exports":
        return recipe.taken("imports_grow" if recipe.growth == "nominal" else "imports")
    if name == "firms_upgrading" and recipe.main == "upgrades":
        back = max(0, YEAR - months_of(fact))  # at least twelve months of upgrades, up to the last one printed
        filled = back > 0 and since_january(fact) is None
        return recipe.taken("upgrades_filled" if filled else "upgrades", back=back)
    if name in ("jobs_created", "new_businesses"):
        return recipe.taken(name)
    found = (row for names, main, row in TAKEN_AS if name.startswith(names) and recipe.main.startswith(main))
    row = next(found, None)
    return recipe if row is None else recipe.taken(row)


TAKEN_AS: Final = (
    (("projects_new", "projects_value"), "projects_signed", "launched"),
    (("projects_signed",), "", "signed"),
    (("skilled_workers_supplied",), "skilled_workers", "skilled"),
    (("little_giants",), "honoured_firms", "little_giants"),
    (("chain_output_value",), "", "chain"),
)
"""How the names of variables begin, the observable taken for them where only that one will do, and the row taken."""


def observable_of(fact: Fact) -> str | None:
    """Return the observable a figure is a level of, on whose axis it may be drawn; None for all others.

    Growth rates, aims, amounts a government decides, sums of observables and yearly tables are no such level.
    """
    recipe = recipe_for(fact)
    if isinstance(recipe, Refusal) or recipe.growth != "none" or recipe.source != "monthly":
        return None
    return None if len(recipe.observables) > 1 or recipe.back else recipe.main


# --- words of a basis ---------------------------------------------------------------------------------------

YEARLY_EVENTS: Final = "fair_"
"""How the names begin of what happens in one month of a year: that month's figure is the year's."""
PATTERNS: Final = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in WORDS["basis"].items()}
OF_FIRMS: Final = frozenset({"overseas_dealers", "foreign_outlets", "honoured_firms", "little_giants"})
"""Variables that an institution holds for a leading firm, or gives to leading firms: such words say nothing of them."""
IN_WORDS: Final = {"ten": 10, "twenty": 20, "thirty": 30, "fifty": 50}
SAME_FIRMS_OF: Final = frozenset({"output_value", "operating_revenue"})
"""Variables whose growth may be taken to be that of makers' output, of the firms counted a year earlier."""
COUNTED_ABOVE_SCALE: Final = frozenset({"above_scale_firms", "fair_exhibitors"})
OTHER_COUNTS: Final = (
    ("businesses", "small_count", "above_scale_firms"),
    ("businesses", "makers_only", "makers"),
    ("employment", "makers_only", "employment_makers"),
    ("output_value", "chain", "operating_revenue"),
    ("output_value", "fixed_prices", "output_real"),
)
"""Observables with words of a basis that another observable counts; of several the first."""


def said(name: str, fact: Fact) -> re.Match[str] | None:
    """Return where the basis of a figure says what a pattern of ``[basis]`` in ``words.toml`` looks for."""
    return PATTERNS[name].search(fact.basis)


GrowthBasis = Literal["same_firms", "above_scale", "all_businesses", "not_stated"]
"""Which firms printed growth of a total is of."""


def growth_basis(fact: Fact) -> GrowthBasis:
    """Return which firms the printed growth of a total counts, as far as its basis says."""
    if said("same_firms", fact):
        return "same_firms"
    if said("small_count", fact):
        return "above_scale"
    return "all_businesses" if said("everybody", fact) else "not_stated"


def months_of(fact: Fact) -> int:
    """Return the number of months a figure is dated with."""
    return fact.period_end - fact.period_start + 1


def since_january(fact: Fact) -> int | None:
    """Return the months from January to that of a figure dated with one month, when it is called cumulative."""
    return fact.period_end % YEAR if months_of(fact) == 1 and said("cumulative", fact) else None


def year_not_stated(fact: Fact) -> bool:
    """Whether a figure dated with one month is said to be of a year: which one is not known."""
    return months_of(fact) == 1 and said("annual_growth" if fact.kind == "growth" else "annual", fact) is not None


def by_basis(recipe: Recipe, fact: Fact) -> Recipe:
    """Adapt a recipe to the printed basis: whose figures, at which prices, of which firms."""
    above = said("small_count", fact)
    if recipe.growth == "nominal" and fact.variable.removesuffix(GROWTH) in SAME_FIRMS_OF:
        if said("same_firms", fact):
            recipe = recipe.taken("same_firms")
        elif above and not said("fixed_prices", fact):
            recipe = recipe.taken("above_scale_growth")
    if said("plain_mean", fact):
        recipe = recipe.taken("plain_mean")
    if recipe.main == "output_value" and recipe.growth == "none" and above:
        return recipe.taken("above_scale")
    for main, pattern, other in OTHER_COUNTS:
        if recipe.main == main and said(pattern, fact):
            item = observable(other)
            return replace(recipe, observables=(other,), en=f"{item.label} ({item.basis})", zh=item.label_zh)
    return recipe.taken("exhibitors") if recipe.main == "fair_exhibitors" and above else recipe


def not_followed(recipe: Recipe, fact: Fact) -> Refusal | None:
    """Return why a finished recipe does not count what the basis says, for firms or prices it leaves out of account."""
    item, same_firms = observable(recipe.main), recipe.growth == "same scope"
    counted = same_firms or recipe.source == "above scale" or recipe.main in COUNTED_ABOVE_SCALE
    for row, pattern, there in (
        ("above_scale", "small_count", counted),
        ("fixed_prices", "fixed_prices", recipe.main == "output_real" and not same_firms),
        ("same_firms", "same_firms", recipe.growth != "nominal"),
    ):
        if said(pattern, fact) and not there:
            return refusal(row, label=item.label, label_zh=item.label_zh)
    return None


# --- places that figures are about --------------------------------------------------------------------------


@dataclass(frozen=True)
class PlaceSet:
    """Places that an article adds up.

    Attributes
    ----------
    file
        Name of the file of the set the places belong to.
    province
        Two-digit code of the province they lie in.
    whole
        Number of places the province's count has: only a run with all of them can answer.
    members
        Ids of the places meant; empty for all.
    """

    file: str
    province: str
    whole: int
    name: str
    name_zh: str
    members: tuple[str, ...] = ()


SETS: Final = {
    name: PlaceSet(**{**row, "members": tuple(row.get("members", ()))}) for name, row in WORDS["places"].items()
}


def positions_of(place: str, places: tuple[str, ...], provinces: tuple[str, ...]) -> tuple[int, ...] | Refusal:
    """Return the positions in a run of the places a figure is about, or why there are none.

    Parameters
    ----------
    place
        Place of the figure, or one of ``SETS``.
    places, provinces
        Of the run, in its order.
    """
    if place in places:
        return (places.index(place),)
    if place not in SETS:
        return refusal("not_simulated")
    meant = SETS[place]
    there = tuple(position for position, code in enumerate(provinces) if code == meant.province)
    if not there:
        return refusal("none_simulated")
    if len(there) < meant.whole:
        return refusal("too_few_places", there=len(there), whole=meant.whole)
    return tuple(position for position in there if not meant.members or places[position] in meant.members)
