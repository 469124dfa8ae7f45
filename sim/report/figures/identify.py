"""Figure 10: what the figures can tell, prior against posterior of every number that learnt something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from sim.report.figures import style
from sim.report.figures.panel import Panel
from sim.report.figures.saving import drawing
from sim.report.figures.sheet import Drawing, Frame, Sheet
from sim.report.figures.text import clean, shorten
from sim.report.posterior_table import number_name, number_text
from sim.units import pick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.report.figures.text import Lang
    from sim.report.posterior_table import Posterior

MOST: Final = 24
"""Numbers drawn; the rest of those that learnt something is counted in a note."""
_ROW: Final = 27.0
_NAME: Final = 300.0
_RIGHT: Final = 206.0
_HALF: Final = 0.17


def identify(found: Posterior, lang: Lang = "en") -> Drawing:
    """Draw the best-known numbers of a fit, each on the scale of its own prior."""
    with drawing(lang):
        return _draw(found, lang)


def _draw(found: Posterior, lang: Lang) -> Drawing:
    shown = found.learnt[:MOST]
    title = _title(found, lang)
    frame = Frame(title, _subtitle(found, lang), _notes(found, lang), _footer(found, lang))
    height = max(_ROW * len(shown), 30.0)
    sheet = Sheet(frame, height + 40.0)
    panel = Panel.place(
        sheet,
        (_NAME, 8.0, sheet.width - _NAME - _RIGHT - 16.0, height),
        (-0.15, 1.15),
        (max(len(shown), 1) - 0.5, -0.5),
    )
    for share in (0.0, 0.5, 1.0):
        panel.axes.axvline(share, color=style.RULE, linewidth=0.7, zorder=0)
    top = height + 24.0
    look = {"color": style.MUTED}
    sheet.text(_NAME, top, pick(lang, "90% of the prior spans the panel", "先验90%区间占满图宽"), **look)
    sheet.text(panel.right + 12.0, top, pick(lang, "posterior 90%", "后验90%区间"), **look)
    sheet.text(sheet.width, top, pick(lang, "variance gone", "方差缩减"), ha="right", **look)
    for position, item in enumerate(shown):
        _row(panel, position, item, lang)
    if not shown:
        sheet.text(0.0, 20.0, pick(lang, "No figure informs any number.", "没有公布数能说明任何参数。"))
    data = pd.DataFrame.from_records([_record(item) for item in found.parameters], columns=list(_COLUMNS))
    return Drawing("10-identify", lang, title, _alt(found, title, lang), sheet.figure, (panel.axes,), data)


def _row(panel: Panel, position: int, item: Mapping[str, Any], lang: Lang) -> None:
    prior, after = item["prior"], item["posterior"]
    reach = prior["p95"] - prior["p05"]

    def at(value: float) -> float:
        return min(max((value - prior["p05"]) / reach if reach else 0.5, -0.12), 1.12)

    axes = panel.axes
    axes.add_patch(
        Rectangle((0.0, position - _HALF), 1.0, 2 * _HALF, facecolor=style.BASELINE_90, edgecolor="none", zorder=1)
    )
    color = style.SCENARIO if item["identified"] else style.SCENARIO_50
    low, high = at(after["p05"]), at(after["p95"])
    axes.add_patch(
        Rectangle((low, position - _HALF), high - low, 2 * _HALF, facecolor=color, edgecolor="none", zorder=2)
    )
    for value, shade in ((prior["p50"], style.BASELINE), (after["p50"], "#ffffff")):
        axes.add_line(
            Line2D([at(value)] * 2, [position - _HALF, position + _HALF], color=shade, linewidth=1.4, zorder=3)
        )
    sheet, y = panel.sheet, panel.up(float(position))
    name = number_name(item, lang)
    room = _NAME - 12.0
    sheet.text(
        0.0, y + 5.0, shorten(clean(name[:1].upper() + name[1:]), room, style.LABEL_SIZE, bold=True), weight="bold"
    )
    grey = " · ".join(part for part in (item["name"], item["taught_by"] or "") if part)
    sheet.text(0.0, y - 6.0, shorten(clean(grey), room, style.SMALL_SIZE), size=style.SMALL_SIZE, color=style.MUTED)
    numbers = " … ".join(number_text(after[key], item["unit"], lang) for key in ("p05", "p95"))
    sheet.text(panel.right + 12.0, y, shorten(clean(numbers), _RIGHT - 46.0, style.SMALL_SIZE), size=style.SMALL_SIZE)
    sheet.text(
        sheet.width,
        y,
        f"{max(item['contraction'], 0.0):.0%}",
        ha="right",
        weight="bold" if item["identified"] else "normal",
    )


_COLUMNS: Final = (
    "name", "kind", "varies", "unit", "prior_p05", "prior_p50", "prior_p95", "p05", "p50", "p95", "variance_gone",
    "informed", "identified", "taught_by",
)  # fmt: skip


def _record(item: Mapping[str, Any]) -> tuple[object, ...]:
    bands = [item[which][key] for which in ("prior", "posterior") for key in ("p05", "p50", "p95")]
    head = (item["name"], item["kind"], item["varies"], item["unit"])
    return (*head, *bands, item["contraction"], item["informed"], item["identified"], item["taught_by"] or "")


def _title(found: Posterior, lang: Lang) -> str:
    learnt, total = len(found.learnt), len(found.parameters)
    known = sum(item["identified"] for item in found.parameters)
    return pick(
        lang,
        f"The figures inform {learnt} of {total} uncertain numbers, {known} of them well; the rest stay guesses",
        f"公布数说明了{total}项不确定数值中的{learnt}项，其中{known}项较为确定；其余仍是假设",
    )


def _subtitle(found: Posterior, lang: Lang) -> tuple[str, ...]:
    about = found.about
    others = len(about.get("together_with", ()))
    more = (
        pick(lang, f", together with {others} other baseline{'s' * (others > 1)}", f"，与另外{others}个基准一同校准")
        if others
        else ""
    )
    return (
        pick(lang, f"Fit {about['id']} of {about['scenario']}", f"校准{about['id']}，方案{about['scenario']}") + more,
    )


def _notes(found: Posterior, lang: Lang) -> tuple[str, ...]:
    notes = [
        pick(
            lang,
            "Grey: 90% of the prior; blue: 90% of the posterior (dark: a fifth or more of the variance gone); lines: "
            "medians.",
            "灰：先验90%区间；蓝：后验90%区间（深色：方差缩减两成以上）；竖线为中位数。",
        )
    ]
    hidden = len(found.learnt) - MOST
    if hidden > 0:
        notes.append(
            pick(lang, f"{hidden} more learnt something: see the data.", f"另有{hidden}项有所缩减，见数据文件。")
        )
    notes.append(
        pick(
            lang,
            f"{len(found.idle)} numbers are not informed by any reported figure.",
            f"{len(found.idle)}项数值没有任何公布数可以说明。",
        )
    )
    if found.pairs:
        pair = found.pairs[0]
        notes.append(
            pick(
                lang,
                f"Strongest trade-off: {pair['a']} with {pair['b']}, correlation {pair['correlation']:+.2f}.",
                f"最强的此消彼长：{pair['a']}与{pair['b']}，相关系数{pair['correlation']:+.2f}。",
            )
        )
    return tuple(notes)


def _footer(found: Posterior, lang: Lang) -> tuple[str, ...]:
    return (
        pick(lang, "Priors: calibration/priors.toml and place files", "先验：calibration/priors.toml及地区文件")
        + f" · {found.about['id']}",
    )


def _alt(found: Posterior, title: str, lang: Lang) -> str:
    parts = [
        f"{number_name(item, lang)} {item['posterior']['p05']:.3g} … {item['posterior']['p95']:.3g}"
        for item in found.learnt[:MOST]
    ]
    return title + pick(lang, ". ", "。") + "; ".join(parts)
