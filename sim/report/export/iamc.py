"""The IAMC format of model comparison projects: one row per model, scenario, region, variable, unit and year.

Quantiles over runs stand in the variable's name, as AR6 has them. The file of single runs has one column more,
``replicate``; readers that work out quantiles themselves refuse it in the summary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sim import versions
from sim.compare.runs import pair, places_by_code
from sim.compare.statistics import bands
from sim.observables import OBSERVABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sim.compare.runs import Pairing
    from sim.compare.statistics import Band
    from sim.experiments import Run
    from sim.observables import Observable
    from sim.scenario.resolved import Place

    Floats = NDArray[np.float64]

_UNITS: Final = {"yuan": ("million CNY", 1e-6), "tonnes": ("kt", 1e-3), "yuan/year": ("CNY/yr", 1.0)}
"""Unit in the file by plain unit, and what a plain value is multiplied by, where they differ."""


@dataclass(frozen=True)
class Name:
    """Variable with ``{}`` where the industry goes, unit in the file, and what a plain value is multiplied by."""

    variable: str
    unit: str
    factor: float = 1.0

    def of(self, industry: str) -> str:
        """Return the variable of one industry."""
        return self.variable.format(industry)


QUANTILES: Final = {f"p{n:02}": f"{n}th Percentile" for n in (5, 25, 50, 75, 95)} | {"mean": "Mean"}

PROVINCES: Final = {
    "11": "Beijing", "12": "Tianjin", "13": "Hebei", "14": "Shanxi", "15": "Inner Mongolia", "21": "Liaoning",
    "22": "Jilin", "23": "Heilongjiang", "31": "Shanghai", "32": "Jiangsu", "33": "Zhejiang", "34": "Anhui",
    "35": "Fujian", "36": "Jiangxi", "37": "Shandong", "41": "Henan", "42": "Hubei", "43": "Hunan", "44": "Guangdong",
    "45": "Guangxi", "46": "Hainan", "50": "Chongqing", "51": "Sichuan", "52": "Guizhou", "53": "Yunnan", "54": "Tibet",
    "61": "Shaanxi", "62": "Gansu", "63": "Qinghai", "64": "Ningxia", "65": "Xinjiang", "71": "Taiwan",
    "81": "Hong Kong", "82": "Macao",
}  # fmt: skip
"""First two digits of an administrative code."""
_LEVELS = (" District", " County", " City", " Township", " Town")


@dataclass(frozen=True)
class _Block:
    """Yearly values of one variable and place in one scenario, in the unit of the file; shape (runs, years)."""

    scenario: str
    region: str
    variable: str
    unit: str
    values: Floats


def summary(b: Run, a: Run | None = None, *, wide: bool = False) -> pd.DataFrame:
    """Return quantiles over runs: of B, and with a baseline of A and of the differences run by run.

    ``wide`` gives each year a column of its own. With fewer than 20 runs only the median and the mean are given; a
    quantile that is not a number has no row. ``UserError`` when the runs cannot be paired.
    """
    pairing, years = _paired(b, a)
    pieces = [_quantiles(block, years, bands(block.values), wide) for block in _blocks(b, pairing)]
    return pd.concat([piece for piece in pieces if len(piece)], ignore_index=True)


def single_runs(b: Run, a: Run | None = None, *, wide: bool = False) -> Iterator[pd.DataFrame]:
    """Yield the values of every run, with its replicate number, variable by variable; see ``summary``."""
    pairing, years = _paired(b, a)
    numbers = list(pairing.replicates) if pairing is not None else [int(number) for number in b.replicates]
    for block in _blocks(b, pairing):
        yield _frame(block, [block.variable] * len(numbers), block.values, years, wide, numbers)


def _paired(b: Run, a: Run | None) -> tuple[Pairing | None, list[int]]:
    """Return the runs side by side, and the years exported."""
    if a is None:
        return None, [int(year) for year in b.years]
    pairing = pair(b, a)
    return pairing, list(pairing.years)


def _blocks(b: Run, pairing: Pairing | None) -> Iterator[_Block]:
    """Yield every variable of every place, then of all together when there are several; B, A, B less A."""
    places = places_by_code(b)
    scopes: list[tuple[str | None, str, str]] = [(p.id, region(p), industry([p])) for p in places]
    if len(places) > 1:
        scopes.append((None, region_of_all(places), industry(places)))
    for place, where, made in scopes:
        for item in OBSERVABLES:
            name = name_of(item)
            if pairing is None:
                yield _Block(b.scenario_id, where, name.of(made), name.unit, b.annual(item.name, place) * name.factor)
                continue
            ours, theirs = (values * name.factor for values in pairing.annual(item.name, place))
            for scenario, values in (
                (pairing.b.scenario_id, ours),
                (pairing.a.scenario_id, theirs),
                (f"{pairing.b.scenario_id} minus {pairing.a.scenario_id}", ours - theirs),
            ):
                yield _Block(scenario, where, name.of(made), name.unit, values)


def _quantiles(block: _Block, years: Sequence[int], found: Sequence[Band], wide: bool) -> pd.DataFrame:
    """Return one row (``wide``) or one row a year for each quantile; nothing where it may not be shown."""
    values = np.array([[getattr(one, quantile) for one in found] for quantile in QUANTILES])
    shown = ~np.isnan(values).all(axis=1)
    names = [f"{block.variable}|{title}" for title in QUANTILES.values()]
    kept = [name for name, keep in zip(names, shown, strict=True) if keep]
    return _frame(block, kept, values[shown], years, wide)


def _frame(
    block: _Block, variables: Sequence[str], values: Floats, years: Sequence[int], wide: bool,
    replicates: Sequence[int] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return rows of ``values``, shape (variables, years), as a table; a long one leaves out what is not a number."""
    head: dict[str, object] = {
        "model": f"countysim {versions.__version__}", "scenario": block.scenario, "region": block.region,
        "variable": list(variables), "unit": block.unit,
    }  # fmt: skip
    if replicates is not None:
        head["replicate"] = list(replicates)
    if wide:
        columns = {str(year): values[:, position] for position, year in enumerate(years)}
        return pd.DataFrame(head | columns)
    lines = len(variables)
    repeated = {
        name: np.repeat(np.array(cells, dtype=object), len(years)) if isinstance(cells, list) else cells
        for name, cells in head.items()
    }
    frame = pd.DataFrame(repeated | {"year": np.tile(np.array(years), lines), "value": values.reshape(-1)})
    return frame[frame["value"].notna()]


def name_of(item: Observable) -> Name:
    """Return the name of an observable; one that declares none goes by its label."""
    unit, factor = _UNITS.get(item.unit, (item.unit, 1.0))
    if item.iamc_prices:
        unit = f"{unit} ({item.iamc_prices} prices)"
    titled = " ".join(part[:1].upper() + part[1:] for part in item.label.split())
    return Name(item.iamc or f"{titled}|{{}}", unit, factor)


def word(text: str) -> str:
    """Return text as one level of a name: on one line, without the bar that separates levels."""
    kept = "".join(c if c.isprintable() and c != "|" else " " for c in text)
    return " ".join(kept.split())


def industry(places: Sequence[Place]) -> str:
    """Return the industry of places, ``All Industries`` when they have several: ``Wire Mesh`` for ``wire-mesh``."""
    names = {place.industry for place in places}
    if len(names) != 1:
        return "All Industries"
    # Not str.title(), which would raise the letter after an apostrophe too.
    return " ".join(part[:1].upper() + part[1:] for part in word(names.pop().replace("-", " ")).split()) or "Industry"


def region(place: Place) -> str:
    """Return ``China|Hebei|Yongnian``: country, province by administrative code, place without its level."""
    name = word(place.name.partition(",")[0]) or place.id
    for level in _LEVELS:
        name = name.removesuffix(level)
    province = PROVINCES.get(place.admin_code[:2])
    return "|".join(part for part in ("China", province, name) if part)


def region_of_all(places: Sequence[Place]) -> str:
    """Return the region of places together; that of a single one is its own."""
    if len(places) == 1:
        return region(places[0])
    provinces = {PROVINCES.get(place.admin_code[:2]) for place in places}
    province = provinces.pop() if len(provinces) == 1 else None
    return "|".join(part for part in ("China", province, f"{len(places)} Places") if part)
