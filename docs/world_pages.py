"""What ``docs/worlds.md`` shows of a simulated national producer: two tables and a picture."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from docs.national_producer import NationalYear

PICTURE = Path(__file__).resolve().parent / "pictures" / "national-producer.svg"
STAND_FOR = (
    "metal-products", "machinery", "baijiu", "food", "displays", "textiles", "luggage", "chinese-medicine",
    "building-materials", "chemicals",
)  # fmt: skip
"""The industry whose costs stand for its group."""


@cache
def producers() -> dict[str, tuple[NationalYear, ...]]:
    """Return the years of each group by its name."""
    from docs.national_producer import national_producer
    from sim.evidence.national import GROUPS

    years = [national_producer(industry) for industry in STAND_FOR]
    return {GROUPS[found[0].group].name: found for found in years}


def revenue_table() -> str:
    """Return growth of revenue, model / published, by group and year."""
    from docs.national_producer import gaps

    rows = []
    for name, years in producers().items():
        mean, either_way = gaps(years)
        cells = [f"{100 * y.revenue:.1f} / {100 * y.published:.1f}{'' if y.own else '*'}" for y in years]
        rows.append([name, *cells, f"{100 * mean:+.1f}", f"{100 * either_way:.1f}"])
    return _table(["revenue, %", *_years(), "mean gap", "either way"], rows)


def price_table() -> str:
    """Return growth of prices by group and year, and of the published ones they stand beside."""
    rows = [[name, *(f"{100 * y.price:.1f}" for y in years)] for name, years in producers().items()]
    any_group = next(iter(producers().values()))
    rows.append(["*all industry, published*", *(f"{100 * y.producer_price:.1f}" for y in any_group)])
    rows.append(["*steel, of the world*", *(f"{100 * y.steel_price:.1f}" for y in any_group)])
    return _table(["price, %", *_years()], rows)


def draw_picture() -> None:
    """Write the picture: revenue and price by group, in the model and as published."""
    from sim.report.figures import svg_text

    PICTURE.write_text(svg_text(_picture()), encoding="utf-8", newline="\n")


def _picture() -> Any:
    import pandas as pd

    from sim.report.figures import style
    from sim.report.figures.layout import Drawing, Panel, Sheet
    from sim.report.figures.picture_files import drawing

    title = "A simulated national producer grows as its industry did"
    legend = (
        "Growth on a year in percent. Blue: spending at home on the industry's goods in the model; dots: published "
        "revenue, hollow where all industry stands for it; dashed: price of producers elsewhere in the model"
    )
    with drawing("en"):
        sheet = Sheet(330.0, title, [legend], [], ["World: central · calibration/evidence/macro.csv, industry.csv"])
        panels, width = [], sheet.width / 5
        for number, (name, years) in enumerate(producers().items()):
            box = (width * (number % 5) + 26.0, 175.0 * (1 - number // 5) + 22.0, width - 40.0, 110.0)
            panel = Panel.place(sheet, box, (years[0].year - 0.5, years[-1].year + 0.5), (-0.2, 0.35))
            panel.number_axis([-20, 0, 20], 0.01)
            panel.axes.set_xticks([2015, 2020, 2025], ["2015", "2020", "2025"])
            panel.axes.tick_params(axis="x", length=0, pad=4, labelsize=style.LABEL_SIZE)
            at = [year.year for year in years]
            dashes = style.BASELINE_DASHES
            panel.line(at, [y.price for y in years], color=style.BASELINE, linewidth=0.9, linestyle=dashes, zorder=1)
            panel.line(at, [y.revenue for y in years], color=style.SCENARIO, linewidth=1.4, zorder=2)
            for year in years:
                face = style.REPORTED if year.own else "white"
                dot = {"marker": "o", "markersize": 3.2, "markeredgewidth": 0.7, "markeredgecolor": style.REPORTED}
                panel.line([year.year], [year.published], markerfacecolor=face, zorder=3, **dot)
            sheet.text(box[0] - 20.0, panel.top + 12.0, name, width - 20.0, weight="bold")
            panels.append(panel.axes)
        rows = [vars(year) for years in producers().values() for year in years]
        alt = f"{title}. Numbers stand in the tables of the page."
        return Drawing("national-producer", "en", title, alt, sheet.figure, tuple(panels), pd.DataFrame(rows))


def _years() -> list[str]:
    return [str(year.year) for year in next(iter(producers().values()))]


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


BLOCKS: dict[str, Callable[[], str]] = {"national revenue": revenue_table, "national prices": price_table}
"""What stands between the marks of the page."""
