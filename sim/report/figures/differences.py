"""Figure 2: the difference of every headline variable at the horizon, as a percentage of the baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sim.compare.statistics import out_of, verdict_text
from sim.observables import observable
from sim.report.figures import style
from sim.report.figures.describe import capital, caption, footer, remarks, shown, subtitle
from sim.report.figures.difference import difference_scale
from sim.report.figures.forest import draw_row, edges
from sim.report.figures.panel import Panel, limits
from sim.report.figures.saving import drawing
from sim.report.figures.scale import MINUS, tick_labels, ticks
from sim.report.figures.sheet import Drawing, Frame, Sheet, number_axis
from sim.report.figures.sources import as_comparison, as_runs
from sim.report.words import pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Comparison, Row
    from sim.report.figures.describe import Shown
    from sim.report.figures.sources import Source
    from sim.report.figures.text import Lang

_ROW = 34.0
_NAME, _WORDS = 150.0, 186.0
_COLORS = (style.SCENARIO_90, style.SCENARIO_50, style.SCENARIO)


@dataclass(frozen=True)
class _Forest:
    """Rows from the top down, first those with a percentage."""

    view: Shown
    comparison: Comparison
    rows: tuple[Row, ...]

    @property
    def lang(self) -> Lang:
        """Language shown."""
        return self.view.lang


def differences(
    source: Source,
    lang: Lang = "en",
    *,
    at: int | None = None,
    unpaired: bool = False,
    comparison: Comparison | None = None,
) -> Drawing:
    """Draw the forest of differences.

    Parameters
    ----------
    source
        Scenario and baseline: a pair of runs (B, A), or a comparison.
    at
        Year; that of the comparison (2030, or the last one) when None.
    unpaired
        Take the runs as independent draws.
    comparison
        Comparison of the same runs, when it has been made already.

    Raises
    ------
    UserError
        When the runs cannot be compared or do not hold the year.
    """
    made = comparison or as_comparison(source, at, unpaired=unpaired)
    view = shown(as_runs(source), lang, unpaired=not made.paired)
    order = sorted(made.headline_rows(), key=_key)
    with drawing(lang):
        return _draw(_Forest(view, made, tuple(order)))


def _key(row: Row) -> tuple[bool, float]:
    """Largest rise first, rows without a percentage last."""
    percent = row.difference_pct.p50
    return (math.isnan(percent), -percent if math.isfinite(percent) else 0.0)


def _draw(data: _Forest) -> Drawing:
    """Lay out the sheet: names, bars, numbers and occasions."""
    lang = data.lang
    title = _title(data)
    notes = (caption(data.view, "the difference", "差值"), *remarks(data.view), _bases(data.rows, lang))
    frame = Frame(title, subtitle(data.view), notes, footer((data.view.b, data.view.a), lang))
    height = _ROW * len(data.rows)
    sheet = Sheet(frame, height + 58.0)
    values = [v for row in data.rows for v in edges(row.difference_pct)]
    x = limits(values or [0.0], zero=True, pad=0.05)
    panel = Panel.place(sheet, (_NAME, 22.0, sheet.width - _NAME - _WORDS, height), x, (len(data.rows) - 0.5, -0.5))
    head = pick(
        lang,
        f"Difference in {data.comparison.at}, scenario less baseline, % of baseline",
        f"{data.comparison.at}年差值：情形减基准，占基准的%",
    )
    sheet.text(_NAME, height + 42.0, head, color=style.MUTED)
    values = ticks(*x, 6)
    number_axis(panel.axes, values, tick_labels(values, sign=True), horizontal=True)
    panel.axes.axvline(0.0, color=style.INK, linewidth=0.9, zorder=1)
    for position, row in enumerate(data.rows):
        _draw_row(panel, position, row, data)
    alt = _alt(data, title)
    return Drawing("02-differences", lang, title, alt, sheet.figure, (panel.axes,), _table(data))


def _draw_row(panel: Panel, position: int, row: Row, data: _Forest) -> None:
    """Draw one variable: name and absolute difference, bars, percentage and occasions."""
    lang, sheet = data.lang, panel.sheet
    y = panel.up(float(position))
    name = pick(lang, row.label, row.label_zh)
    sheet.text(0.0, y + 5.5, capital(name), weight="bold")
    sheet.text(0.0, y - 6.5, _absolute(row, lang), size=style.SMALL_SIZE, color=style.MUTED)
    if row.verdict == "identical":
        draw_row(panel, position, row.difference_pct, (style.RULE, style.AXIS, style.FAINT), f"row-{row.variable}")
    elif math.isfinite(row.difference_pct.p50):
        draw_row(panel, position, row.difference_pct, _COLORS, f"row-{row.variable}")
    else:
        text = pick(lang, "no percentage: baseline is zero or changes sign", "基准为零或正负不一，不计算百分比")
        if row.unit == "share":
            text = pick(lang, "a share: see percentage points at the left", "比率：见左侧百分点")
        sheet.text(panel.across(0.0) + 6.0, y, text, size=style.SMALL_SIZE, color=style.FAINT)
    left = panel.right + 14.0
    sheet.text(left, y + 5.5, _occasions(row, lang))
    verdict = verdict_text(row.verdict, lang)
    percent = _percents(row, lang)
    words = f"{verdict} · {percent}" if percent else verdict
    if row.verdict == "identical":
        words = ""
    strong = style.INK if row.verdict == "clear" else style.MUTED
    sheet.text(left, y - 6.5, words, size=style.SMALL_SIZE, color=strong)


def _occasions(row: Row, lang: Lang) -> str:
    """Return ``higher in 88 of 100 runs``."""
    if row.verdict == "identical":
        return pick(lang, "equal in every pair", "每对推演都相同")
    return pick(lang, "higher in ", "高于基准：") + out_of(row.prob_higher, row.n_pairs, lang)


def _absolute(row: Row, lang: Lang) -> str:
    """Return the median difference with its unit."""
    if row.verdict == "identical":
        return pick(lang, "no difference", "无差异")
    size = max((abs(v) for v in edges(row.difference)), default=0.0)
    scale = difference_scale(observable(row.variable), size, lang)
    return scale.amount(row.difference.p50, scale.decimals(row.mc_se, row.difference.p50), sign=True)


def _percents(row: Row, lang: Lang) -> str:
    """Return median and 90% of the percentage difference."""
    band = row.difference_pct
    if not math.isfinite(band.p50):
        return ""
    spread = abs(band.p95 - band.p05) if band.shown else abs(band.p50)
    decimals = 1 if spread >= 0.5 else 2 if spread >= 0.05 else 3
    numbers = [band.p50, band.p05, band.p95] if band.shown else [band.p50]
    texts = [_signed(value, decimals) for value in numbers]
    if len(texts) == 1:
        return f"{texts[0]}%"
    return pick(lang, f"{texts[0]}% ({texts[1]} … {texts[2]})", f"{texts[0]}%（{texts[1]} … {texts[2]}）")


def _signed(value: float, decimals: int) -> str:
    """Return a number with its sign."""
    rounded = round(value, decimals)
    sign = MINUS if rounded < 0 else "+" if rounded > 0 else ""
    return f"{sign}{abs(rounded):.{decimals}f}"


def _title(data: _Forest) -> str:
    """Say how many outcomes move for sure."""
    lang, at, rows = data.lang, data.comparison.at, data.rows
    if all(row.verdict == "identical" for row in rows):
        return pick(
            lang, f"The scenario changes none of the {len(rows)} main outcomes in {at}",
            f"到{at}年，情形对{len(rows)}项主要指标都没有影响",
        )  # fmt: skip
    if data.view.n and not data.view.bands:
        return pick(
            lang, f"{data.view.n} pairs of runs are too few to say which outcomes move in {at}",
            f"配对推演只有{data.view.n}次，不足以判断{at}年哪些指标有变化",
        )  # fmt: skip
    clear = [row for row in rows if row.verdict == "clear"]
    if not clear:
        return pick(
            lang, f"None of the {len(rows)} main outcomes moves for sure in {at}",
            f"到{at}年，{len(rows)}项主要指标的变化均不明确",
        )  # fmt: skip
    clear.sort(key=lambda row: -abs(row.difference_pct.p50) if math.isfinite(row.difference_pct.p50) else 0.0)
    names = [pick(lang, row.label, row.label_zh) for row in clear[:3]]
    if len(clear) > 3:
        names.append(pick(lang, f"{len(clear) - 3} more", f"另外{len(clear) - 3}项"))
    listed = _list(names, lang)
    move = "moves" if len(clear) == 1 else "move"
    return pick(
        lang,
        f"{len(clear)} of {len(rows)} main outcomes {move} for sure in {at}: {listed}",
        f"到{at}年，{len(rows)}项主要指标中{len(clear)}项变化明确：{listed}",
    )


def _list(names: Sequence[str], lang: Lang) -> str:
    """Join names as prose."""
    if lang == "zh":
        return "、".join(names)
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _bases(rows: Sequence[Row], lang: Lang) -> str:
    """Say which bases the percentages have."""
    money = any(row.unit.startswith("yuan") for row in rows)
    return pick(lang, "Amounts in current prices.", "金额按当年价计算。") if money else ""


def _alt(data: _Forest, title: str) -> str:
    """Describe each row in words."""
    lang = data.lang
    parts = [
        f"{pick(lang, row.label, row.label_zh)} {_absolute(row, lang)}{pick(lang, ', ', '，')}{_occasions(row, lang)}"
        for row in data.rows
    ]
    return title + pick(lang, ". ", "。") + pick(lang, "; ", "；").join(parts) + pick(lang, ".", "。")


def _table(data: _Forest) -> pd.DataFrame:
    """Return the rows drawn: percentages and absolute differences in plain units."""
    records = []
    for row in data.rows:
        record: dict[str, object] = {"variable": row.variable, "unit": row.unit, "year": data.comparison.at}
        record |= {"n_pairs": row.n_pairs}
        for name in ("p05", "p25", "p50", "p75", "p95"):
            record[f"diff_pct_{name}"] = getattr(row.difference_pct, name)
        for name in ("p05", "p25", "p50", "p75", "p95"):
            record[f"diff_{name}"] = getattr(row.difference, name)
        records.append(record | {"prob_higher": row.prob_higher, "verdict": row.verdict})
    return pd.DataFrame.from_records(records)
