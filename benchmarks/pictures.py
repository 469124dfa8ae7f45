"""The figures that were measured, as the tables and pictures of ``docs/performance.md``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.measure import Table, plain_number
from docs.make_pages import between_marks
from sim.report.figures import style
from sim.report.figures.picture_files import drawing

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
PICTURES = PAGE.parent / "pictures"
THOUSANDS = "{x:,.0f}"
BARE: dict[str, Any] = dict.fromkeys(("Creator", "Date", "Format", "Type"))


def draw(tables: dict[str, Any]) -> None:
    """Draw a picture of every part that was measured."""
    for part, picture in (("peers", peers), ("curve", curve), ("phases", phases)):
        if part in tables:
            with drawing("en"):
                figure = picture(tables[part][0])
                figure.savefig(PICTURES / f"performance-{part}.svg", metadata=BARE)


def filled(page: str, tables: dict[str, Any]) -> str:
    """Return the page with the tables of each part between its marks; those of parts that are not there stay."""
    for part, made in tables.items():
        page = between_marks(page, part, "\n".join(Table(**table).markdown() for table in made))
    return page


def canvas(title: str, height: float) -> tuple[Figure, Any]:
    """Return a figure with its title and one plot."""
    figure = Figure(figsize=(style.WIDTH / 72.0, height), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontsize=style.TITLE_SIZE, color=style.INK)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def peers(table: dict[str, Any]) -> Figure:
    """Draw the same month in three forms, on a logarithmic axis."""
    figure, axes = canvas(f"{table['title']}, ms", 2.0)
    names, times = [row[0] for row in table["rows"]][::-1], [row[1] for row in table["rows"]][::-1]
    bars = axes.barh(names, times, color=[style.BASELINE_50] * (len(names) - 1) + [style.SCENARIO], height=0.6)
    ratios = [
        f" {plain_number(row[1])} ms" + (f", {row[2]:.3g} times" if row[2] > 1.0 else "") for row in table["rows"]
    ]
    axes.bar_label(bars, ratios[::-1], fontsize=style.LABEL_SIZE)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(THOUSANDS)
    axes.set_xlim(1.0, 8.0 * max(times))
    return figure


def curve(table: dict[str, Any]) -> Figure:
    """Draw how a month and the memory grow with the number of firms."""
    figure, axes = canvas("Cost by number of firms", 3.2)
    firms, month, memory = ([float(row[column]) for row in table["rows"]] for column in (0, 3, 5))
    axes.loglog(firms, month, "o-", color=style.SCENARIO)
    axes.loglog(firms, [month[0] * each / firms[0] for each in firms], color=style.FAINT, linewidth=0.8, dashes=(4, 3))
    for x, y, each in zip(firms, month, memory, strict=True):
        axes.annotate(f"{plain_number(y)} ms, {each:,.0f} bytes a firm", (x, y), (6, -12), textcoords="offset points",
                      fontsize=style.SMALL_SIZE, color=style.INK)  # fmt: skip
    axes.xaxis.set_major_formatter(THOUSANDS)
    axes.yaxis.set_major_formatter(THOUSANDS)
    axes.set_xlabel("firms (broken line: in proportion to the first)")
    axes.set_ylabel("a month, ms")
    axes.set_xlim(firms[0] / 1.5, firms[-1] * 6.0)
    return figure


def phases(table: dict[str, Any]) -> Figure:
    """Draw the parts of a month."""
    rows = [row for row in table["rows"] if row[0] != "whole month"][::-1]
    figure, axes = canvas("Parts of a month: share of its time", 4.2)
    for column, colour in zip(range(1, len(rows[0])), (style.SCENARIO, style.BASELINE_50), strict=False):
        whole = sum(row[column] for row in rows)
        at = [number + 0.2 - 0.4 * (column - 1) for number in range(len(rows))]
        axes.barh(at, [row[column] / whole for row in rows], height=0.38, color=colour, label=table["columns"][column])
    axes.set_yticks(range(len(rows)), [row[0] for row in rows])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.legend(frameon=False, loc="lower right")
    return figure
