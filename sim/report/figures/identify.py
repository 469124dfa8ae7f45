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
    title = view.say("identify.figures_inform_uncertain_numbers", informed=informed, total=total, known=known)
    others, more = len(found.about.get("together_with", ())), ""
    if others:
        more = view.say("identify.together_with_other_baseline", others=others, value="s" * (others > 1))
    last = view.say("identify.priors_calibration_priors_toml")
    height = max(_ROW * len(shown), 30.0)
    sheet = Sheet(height + 40.0, title, [view.fit + more], _notes(view), [f"{last} · {found.about['id']}"])
    box = (_NAME, 8.0, sheet.width - _NAME - _RIGHT - 16.0, height)
    panel = Panel.place(sheet, box, (-0.15, 1.15), (max(len(shown), 1) - 0.5, -0.5))
    for share in (0.0, 0.5, 1.0):
        panel.axes.axvline(share, color=style.RULE, linewidth=0.7, zorder=0)
    top, grey = height + 24.0, style.MUTED
    sheet.text(_NAME, top, view.say("identify.90_prior_spans_panel"), color=grey)
    sheet.text(panel.right + 12.0, top, view.say("identify.posterior_90"), color=grey)
    sheet.text(sheet.width, top, view.say("shared.variance_gone"), ha="right", color=grey)
    for position, item in enumerate(shown):
        _row(panel, position, item, lang)
    if not shown:
        sheet.text(0.0, 20.0, view.say("identify.no_figure_informs_any"))
    data = pd.DataFrame.from_records([_record(item) for item in found.parameters], columns=list(_COLUMNS))
    parts = [
        f"{number_name(item, lang)} {item['posterior']['p05']:.3g} … {item['posterior']['p95']:.3g}" for item in shown
    ]
    alt = title + view.say("marks.stop_between") + "; ".join(parts)
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
    notes = [view.say("identify.grey_90_prior_blue")]
    hidden = len(found.informed) - MOST
    if hidden > 0:
        notes.append(view.say("identify.more_are_informed_see", hidden=hidden))
    notes.append(view.say("identify.numbers_are_not_informed", idle=len(found.idle)))
    if found.pairs:
        pair = found.pairs[0]
        notes.append(view.say("identify.strongest_trade_off_with", pair=pair))
    return tuple(notes)
