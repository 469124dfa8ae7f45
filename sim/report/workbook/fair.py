"""Sheet 展会 / Fair: the funnel from booths to repeat orders, fair by fair, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.observables import observable
from sim.report.figures.funnel import STAGES, STAGES_ZH, VALUES, fairs, month_of_fair, stages_of, whole_years
from sim.report.rounding import scale_for, significant
from sim.report.workbook.book import Column
from sim.report.workbook.cell_numbers import Measure, Number

if TYPE_CHECKING:
    from sim.compare.statistics import Contrast
    from sim.report.workbook.book import Cell, Sheet
    from sim.report.workbook.material import Material


def write(sheet: Sheet, material: Material) -> None:
    """Fill the sheet: each fair that has twelve simulated months from its month on, latest first."""
    say = material.say
    held = fairs((material.b, material.a))
    if not held:
        sheet.title(say("fair.fair"), material.about())
        sheet.nothing(say("fair.no_fair_with_twelve"))
        return
    month = month_of_fair((material.a, material.b), held[0])
    years = whole_years(material.pairing.months, month)[::-1]
    note = say("fair.each_fair_over_twelve", stages=STAGES, stages_zh=STAGES_ZH)
    sheet.title(say("fair.where_fair_visitors_get"), material.about(note))
    fairs_held = {year: stages_of(material.pairing, year * 12 + month - 1) for year in years}
    money = _money_measure(material, fairs_held)
    held_stages = [(year, name, stages) for year, stages in fairs_held.items() for name in stages]
    intended = [position for position, (_, name, _) in enumerate(held_stages) if name == "fair_intended_orders"]
    sheet.records([_cells(material, *one, money) for one in held_stages], emphasised=intended, freeze=2)
    sheet.finish()


def _money_measure(material: Material, held: dict[int, dict[str, Contrast]]) -> Measure:
    """Return one unit for all amounts of money, with two digits of the smallest."""
    amounts = [abs(band.p50) for stages in held.values() for n in VALUES for band in (stages[n].a, stages[n].b)]
    scale = scale_for("yuan", max(amounts, default=0.0), material.lang)
    smallest = min((amount for amount in amounts if amount > 0.0), default=0.0)
    decimals = min(max(significant(smallest / scale.divisor, 2), 0), 3)
    return Measure(scale, decimals, decimals, material.lang)


def _cells(material: Material, year: int, name: str, stages: dict[str, Contrast], money: Measure) -> list[Cell]:
    say, one, intended, item = material.say, stages[name], stages["fair_intended_orders"], observable(name)
    counts = Measure(scale_for(item.unit, 0.0, material.lang), 0, 0, material.lang)
    measure = money if name in VALUES else counts
    # Repeat orders come from earlier fairs too and are no share of this one's.
    part_of_intended = name in VALUES and name != "fair_repeat_orders"
    a, b = (_share(getattr(one, side).p50, getattr(intended, side).p50) if part_of_intended else None for side in "ab")
    return [
        (Column(say("shared.year_2")), year),
        (Column(say("fair.stage"), 18.0), material.pick(item.stage.capitalize(), item.stage_zh)),
        (Column(say("shared.unit"), 14.0), measure.unit),
        *zip(material.columns(), measure.cells(one.a, one.b, one.difference), strict=True),
        (Column(say("fair.intended_orders")), a),
        (Column(say("fair.b_intended_orders")), b),
    ]


def _share(part: float, whole: float) -> Number | None:
    return Number(part / whole, 0, "%") if whole > 0.0 else None
