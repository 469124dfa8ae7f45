"""Figure 10: what the figures can tell, prior against posterior of every parameter that the figures inform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sim.report.figures import style
from sim.report.figures.describe import capital
from sim.report.figures.fit_forest import FitShown
from sim.report.figures.layout import Drawing, Panel, Sheet
from sim.report.figures.picture_files import drawing
from sim.report.posterior_table import number_name, number_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.report.posterior_table import Posterior
    from sim.units import Language

MOST: Final = 24
"""Numbers drawn; the rest of those that the figures inform is counted in a note."""
_ROW: Final = 27.0
_NAME: Final = 300.0
_RIGHT: Final = 206.0
_HALF: Final = 0.17


def identify(found: Posterior, lang: Language = "en") -> Drawing:
    """Draw the best-known numbers of a fit, each on the scale of its own prior."""
    with drawing(lang):
        return _draw(FitShown(lang=lang, found=found))


def _draw(view: FitShown) -> Drawing:
    found, lang = view.found, view.lang
    shown, informed = found.informed[:MOST], len(found.informed)
    total, known = len(found.parameters), sum(item["identified"] for item in found.parameters)
    title = view.say(
        f"The figures inform {informed} of {total} uncertain numbers, {known} of them well; the rest stay guesses",
        f"公布数说明了{total}项不确定数值中的{informed}项，其中{known}项较为确定；其余仍是假设",
    )
    others, more = len(found.about.get("together_with", ())), ""
    if others:
        english = f", together with {others} other baseline{'s' * (others > 1)}"
        more = view.say(english, f"，与另外{others}个基准一同校准")
    last = view.say("Priors: calibration/priors.toml and place files", "先验：calibration/priors.toml及地区文件")
    height = max(_ROW * len(shown), 30.0)
    sheet = Sheet(height + 40.0, title, [view.fit + more], _notes(view), [f"{last} · {found.about['id']}"])
    box = (_NAME, 8.0, sheet.width - _NAME - _RIGHT - 16.0, height)
    panel = Panel.place(sheet, box, (-0.15, 1.15), (max(len(shown), 1) - 0.5, -0.5))
    for share in (0.0, 0.5, 1.0):
        panel.axes.axvline(share, color=style.RULE, linewidth=0.7, zorder=0)
    top, grey = height + 24.0, style.MUTED
    sheet.text(_NAME, top, view.say("90% of the prior spans the panel", "先验90%区间占满图宽"), color=grey)
    sheet.text(panel.right + 12.0, top, view.say("posterior 90%", "后验90%区间"), color=grey)
    sheet.text(sheet.width, top, view.say("variance gone", "方差缩减"), ha="right", color=grey)
    for position, item in enumerate(shown):
        _row(panel, position, item, lang)
    if not shown:
        sheet.text(0.0, 20.0, view.say("No figure informs any number.", "没有公布数能说明任何参数。"))
    data = pd.DataFrame.from_records([_record(item) for item in found.parameters], columns=list(_COLUMNS))
    parts = [
        f"{number_name(item, lang)} {item['posterior']['p05']:.3g} … {item['posterior']['p95']:.3g}" for item in shown
    ]
    alt = title + view.say(". ", "。") + "; ".join(parts)
    return Drawing("10-identify", lang, title, alt, sheet.figure, (panel.axes,), data)


def _row(panel: Panel, position: int, item: Mapping[str, Any], lang: Language) -> None:
    prior, after = item["prior"], item["posterior"]
    reach = prior["p95"] - prior["p05"]

    def at(value: float) -> float:
        return min(max((value - prior["p05"]) / reach if reach else 0.5, -0.12), 1.12)

    color = style.SCENARIO if item["identified"] else style.SCENARIO_50
    low, high = at(after["p05"]), at(after["p95"])
    panel.bar(0.0, 1.0, position, _HALF, facecolor=style.BASELINE_90, edgecolor="none", zorder=1)
    panel.bar(low, high - low, position, _HALF, facecolor=color, edgecolor="none", zorder=2)
    for value, shade in ((prior["p50"], style.BASELINE), (after["p50"], "#ffffff")):
        ends = [position - _HALF, position + _HALF]
        panel.line([at(value)] * 2, ends, color=shade, linewidth=1.4, zorder=3)
    sheet, y = panel.sheet, panel.up(float(position))
    sheet.text(0.0, y + 5.0, capital(number_name(item, lang)), _NAME - 12.0, weight="bold")
    grey = " · ".join(part for part in (item["name"], item["taught_by"] or "") if part)
    sheet.note(0.0, y - 6.0, grey, _NAME - 12.0)
    numbers = " … ".join(number_text(after[key], item["unit"], lang) for key in ("p05", "p95"))
    sheet.note(panel.right + 12.0, y, numbers, _RIGHT - 46.0, color=style.INK)
    weight = "bold" if item["identified"] else "normal"
    sheet.text(sheet.width, y, f"{max(item['contraction'], 0.0):.0%}", ha="right", weight=weight)


_COLUMNS: Final = (
    "name", "kind", "varies", "unit", "prior_p05", "prior_p50", "prior_p95", "p05", "p50", "p95", "variance_gone",
    "informed", "identified", "taught_by",
)  # fmt: skip


def _record(item: Mapping[str, Any]) -> tuple[object, ...]:
    bands = [item[which][key] for which in ("prior", "posterior") for key in ("p05", "p50", "p95")]
    head = (item["name"], item["kind"], item["varies"], item["unit"])
    return (*head, *bands, item["contraction"], item["informed"], item["identified"], item["taught_by"] or "")


def _notes(view: FitShown) -> tuple[str, ...]:
    found = view.found
    notes = [
        view.say(
            "Grey: 90% of the prior; blue: 90% of the posterior (dark: a fifth or more of the variance gone); lines: "
            "medians.",
            "灰：先验90%区间；蓝：后验90%区间（深色：方差缩减两成以上）；竖线为中位数。",
        )
    ]
    hidden = len(found.informed) - MOST
    if hidden > 0:
        notes.append(view.say(f"{hidden} more are informed: see the data.", f"另有{hidden}项有所缩减，见数据文件。"))
    notes.append(
        view.say(
            f"{len(found.idle)} numbers are not informed by any reported figure.",
            f"{len(found.idle)}项数值没有任何公布数可以说明。",
        )
    )
    if found.pairs:
        pair = found.pairs[0]
        notes.append(
            view.say(
                f"Strongest trade-off: {pair['a']} with {pair['b']}, correlation {pair['correlation']:+.2f}.",
                f"最强的此消彼长：{pair['a']}与{pair['b']}，相关系数{pair['correlation']:+.2f}。",
            )
        )
    return tuple(notes)
