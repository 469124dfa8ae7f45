"""What lies between a simulated count and a printed one: the measurement part of the likelihood.

A printed figure binds the count behind it in one of four ways (``sim.evidence.Fact.bound``):

- ``exact`` and ``about``: print = count, up to a normal error of a given width, in logarithms (growth: in the rate);
- ``at_least``: the writer chose a bound below the count. A bound at distance ``d`` below it is chosen with density
  ``exp(-d / far) / far``, so "over 30,000" speaks against 29,000 and against 3 million;
- ``at_most``: the same from above.

The count itself is known to a normal error: randomness of a run and error of an emulator, coverage that changes from
year to year, and what headlines of campaigns take in. The densities have that error integrated out.

Some errors are one number for many prints: a ratio known of an industry is one statistic, asked of many places, and
printed growth of totals differs from growth of the place by a *shift* that all of them share, whoever counts:

    printed growth = growth of the place as simulated on the stated basis + loading (basis) x shift + own error,

with ``shift ~ N(0, deviation^2)``. In a fit of places together the shift is drawn with the parameters, so printed rates
of all places teach it; in a fit of one place, where one rate cannot tell it from growth, it is integrated out.

Widths and their sources: ``calibration/likelihood.toml``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim import workspace
from sim.inputs.files import InputFile
from sim.reporting.recipes import growth_basis
from sim.rules.elementary import exps, log, logs

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike

    from sim.calibrate.algebra import Floats
    from sim.evidence import Fact
    from sim.reporting.recipes import GrowthBasis

FILE: Final = "likelihood.toml"
SHIFT: Final = "shift of printed growth"
"""Name of the error that printed growth of totals has in common."""
ANYWHERE: Final = 1e6
"""Soft side of a bound beyond which all numbers are alike."""
RATIO_IN_COMMON: Final = 0.5
"""Share of the variance of a known ratio's error that places asked for it have in common (assumed)."""
NUMBERS: Final = {
    "width": ("exact", "about", "growth"),
    "year": ("totals",),
    "growth": ("stated", "not_stated"),
    "growth_of_counts": ("error",),
    "growth_of_exports": ("loading",),
    "shift": ("deviation",),
    "loading": ("same_firms", "above_scale", "all_businesses", "not_stated"),
    "headline": ("additions",),
    "one_sided": ("far", "far_growth", "part"),
    "service": ("least", "refused"),
}
"""Numbers of the file, each ``{ value, source }``."""
LISTS: Final = dict.fromkeys(("year", "growth", "growth_of_counts", "growth_of_exports", "headline"), ("variables",))


@dataclass(frozen=True)
class Widths:
    """Content of ``calibration/likelihood.toml``: a field for each table and entry; see there."""

    width_exact: float
    width_about: float
    width_growth: float
    year_totals: float
    growth_stated: float
    growth_not_stated: float
    growth_of_counts_error: float
    growth_of_exports_loading: float
    shift_deviation: float
    loading_same_firms: float
    loading_above_scale: float
    loading_all_businesses: float
    loading_not_stated: float
    headline_additions: float
    one_sided_far: float
    one_sided_far_growth: float
    one_sided_part: float
    service_least: float
    service_refused: float
    year_variables: frozenset[str]
    growth_variables: frozenset[str]
    growth_of_counts_variables: frozenset[str]
    growth_of_exports_variables: frozenset[str]
    headline_variables: frozenset[str]

    def loading(self, basis: GrowthBasis) -> float:
        """Return the part of the shift that printed growth on a basis has."""
        found: float = getattr(self, f"loading_{basis}")
        return found


@dataclass(frozen=True)
class Measurement:
    """How a published number binds a simulated one.

    Attributes
    ----------
    observed
        The published number, transformed.
    width
        Standard deviation of print about count.
    bound
        ``exact`` (also for "about"), ``at_least`` or ``at_most``.
    in_logs
        Whether counts are compared in logarithms; growth rates and ratios are not.
    coverage
        Standard deviation of what the count covers: from year to year, in the two totals of a growth rate, and what the
        headline of a campaign takes in.
    far
        Scale of the soft side of a bound.
    common
        Name of the error it has in common with other figures; "" without one.
    common_deviation
        Standard deviation of that error in this figure.
    of_many
        Whether it was published of so many firms that chance has no part in it: it binds the mean over runs.
    offset
        What print is expected to exceed the count by: 0, unless other figures have said something of the common error.
    """

    observed: float
    width: float
    bound: str = "exact"
    in_logs: bool = False
    coverage: float = 0.0
    far: float = 1.0
    common: str = ""
    common_deviation: float = 0.0
    of_many: bool = False
    offset: float = 0.0

    @property
    def noise(self) -> float:
        """Variance of print given the simulated count, without the soft side of a bound."""
        return self.width * self.width + self.coverage * self.coverage + self.common_deviation * self.common_deviation

    @property
    def own(self) -> Measurement:
        """The measure with the error that is its own alone: for use beside a common error that is known or drawn."""
        return replace(self, common="", common_deviation=0.0, offset=0.0)

    def informed(self, mean: float, deviation: float) -> Measurement:
        """Return the measure with what other figures say of the common error.

        Parameters
        ----------
        mean, deviation
            Of the common error's score, standard normal before any figure.
        """
        return replace(self, offset=self.common_deviation * mean, common_deviation=self.common_deviation * deviation)

    def forward(self, values: ArrayLike) -> Floats:
        """Return counts as they are compared; a count of nought has no logarithm and gives NaN."""
        given = np.asarray(values, dtype=np.float64)
        if not self.in_logs:
            return given
        return logs(np.where(given > 0.0, given, np.nan))

    def backward(self, values: ArrayLike) -> Floats:
        """Return counts in plain units; the inverse of ``forward``."""
        given = np.asarray(values, dtype=np.float64)
        return exps(given) if self.in_logs else given

    def counted(self, values: ArrayLike, normal: ArrayLike) -> Floats:
        """Return what an office would count of simulated counts, in plain units; ``normal`` draws its error."""
        error = self.offset + math.sqrt(self.noise) * np.asarray(normal, dtype=np.float64)
        return self.backward(self.forward(values) + error)


def of_ratio(name: str, value: float, deviation: float, bound: str = "exact") -> Measurement:
    """Return how a ratio known of an industry binds: one statistic, known with one error, however many are asked.

    It was published of many firms, so it binds the mean over runs. One that is known by its sign alone (``at_least``)
    says nothing of how far beyond it lies.
    """
    own, common = (deviation * math.sqrt(part) for part in (1.0 - RATIO_IN_COMMON, RATIO_IN_COMMON))
    return Measurement(value, own, bound, far=ANYWHERE, common=name, common_deviation=common, of_many=True)


def measurement(fact: Fact, bound: str, *, start_year: int | None = None) -> Measurement:
    """Return how a figure binds what a run gives for it through the reporting filter.

    The filter multiplies head counts by the place's scope factor, a number of each run that makes the reported count
    right in the starting year. So the factor is a free nuisance: a head count says nothing of wages or productivity,
    only its change does.

    Parameters
    ----------
    bound
        The figure's own, or the weaker one of the reporting filter (``sim.reporting.Answer.bound``).
    start_year
        Calendar year of the place's starting figures; a total of that year is not counted anew.
    """
    widths = load_widths()
    growth = fact.kind == "growth"
    width = widths.width_growth if growth else widths.width_about if fact.bound == "about" else widths.width_exact
    coverage = 0.0
    if not growth and fact.variable in widths.year_variables and fact.period_end // 12 != start_year:
        coverage += widths.year_totals * widths.year_totals
    common = 0.0
    if growth and fact.variable in widths.growth_variables:
        basis = growth_basis(fact)
        error = widths.growth_not_stated if basis == "not_stated" else widths.growth_stated
        coverage += error * error
        common = widths.shift_deviation * widths.loading(basis)
    if growth and fact.variable in widths.growth_of_exports_variables:
        common = widths.shift_deviation * widths.growth_of_exports_loading
    if growth and fact.variable in widths.growth_of_counts_variables:
        coverage += widths.growth_of_counts_error * widths.growth_of_counts_error
    if not growth and fact.variable in widths.headline_variables:
        coverage += widths.headline_additions * widths.headline_additions
    far = widths.one_sided_far_growth if growth else widths.one_sided_far
    if bound != fact.bound and bound in ("at_least", "at_most"):
        far = widths.one_sided_part
    observed = fact.value_plain if growth else log(fact.value_plain)
    kind = bound if bound in ("at_least", "at_most") else "exact"
    named = SHIFT if common > 0.0 else ""
    return Measurement(observed, width, kind, not growth, math.sqrt(coverage), far, named, common)


def load_widths() -> Widths:
    """Return the widths of the workspace.

    Raises
    ------
    UserError
        Listing every missing, unknown or malformed entry at once.
    """
    return _read(workspace.needed(FILE, "how printed figures bind simulated ones"))


@cache
def _read(path: Path) -> Widths:
    file = InputFile(path)
    raw = file.data
    _check(file)
    file.findings.stop_if_wrong()
    content: dict[str, Any] = {f"{group}_variables": frozenset(raw[group]["variables"]) for group in LISTS}
    content |= {f"{group}_{key}": float(raw[group][key]["value"]) for group, keys in NUMBERS.items() for key in keys}
    return Widths(**content)


def _check(file: InputFile) -> None:
    """Note what is wrong with the content of the file."""
    for group in (group for group in file.data if group not in NUMBERS):
        file.add((group,), f"[{group}] is unknown; known: {', '.join(NUMBERS)}")
    for group, keys in NUMBERS.items():
        table, lists = file.data.get(group, {}), LISTS.get(group, ())
        if not isinstance(table, dict):
            file.add((group,), f"[{group}] is no table")
            continue
        known = (*keys, *lists)
        for key in (key for key in table if key not in known):
            file.add((group, key), f"{group}.{key}: unknown; known: {', '.join(known)}")
        for key in (key for key in known if key not in table):
            file.add((group,), f"{group}.{key}: missing")
        for key in (key for key in lists if key in table):
            if not isinstance(table[key], list) or not all(isinstance(name, str) for name in table[key]):
                file.add((group, key), f"{group}.{key}: needs a list of names")
        for key in (key for key in keys if key in table):
            entry = table[key]
            value = entry.get("value") if isinstance(entry, dict) else None
            if not isinstance(value, int | float) or isinstance(value, bool) or not 0.0 < value < math.inf:
                file.add((group, key), f"{group}.{key}: needs a value above 0")
            elif not str(entry.get("source", "")).strip():
                file.add(
                    (group, key), f"{group}.{key}: no source; write where the number comes from, or assumed and why"
                )
