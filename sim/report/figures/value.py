"""Figure 3: what a million yuan of public money goes with, and how much of it changed anything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from matplotlib.patches import Rectangle

from sim.compare.comparison import ALL_POLICIES, Measure
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, decimals_shown
from sim.errors import UserError
from sim.report.figures import style
from sim.report.figures.describe import NOT_CALIBRATED, short_world
from sim.report.figures.forest import draw_row, edges
from sim.report.figures.panel import Panel, limits
from sim.report.figures.saving import drawing
from sim.report.figures.scale import MINUS, fitting_ticks, scale_for, tick_labels
from sim.report.figures.sheet import Drawing, Frame, Sheet, number_axis
from sim.report.figures.sources import as_comparison
from sim.report.figures.text import clean, wrap
from sim.report.money_lines import shortfall_text
from sim.report.sentences import OUTSTANDING_WORTH_SAYING
from sim.report.table import named
from sim.units import format_money, pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.comparison import Comparison, ValueRow
    from sim.report.figures.scale import Scale
    from sim.report.figures.sources import Source
    from sim.report.figures.text import Lang

MEASURES: Final[tuple[tuple[Measure, str, str], ...]] = (
    ("jobs_per_million", "jobs per million yuan", "每百万元新增就业（人）"),
    ("output_per_yuan", "extra output per yuan", "每元新增产值（元）"),
    ("tax_per_yuan", "extra tax per yuan", "每元新增税金（元）"),
)
PARTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("additional", "grants: additional", "补助：新增投资"),
    ("anyway", "grants: bought anyway", "补助：本来也会投资"),
    ("other", "other programmes", "其他政策"),
)
BUDGET: Final = ("budget", "budget (outline)", "预算（轮廓）")
_ROW, _HEAD, _NAME = 54.0, 66.0, 148.0
_COLORS = (style.SCENARIO_90, style.SCENARIO_50, style.SCENARIO)


@dataclass(frozen=True)
class MoneyParts:
    """Public money the scenario pays over the window beyond the baseline, yuan, means over runs; ``budget`` is planned.

    A part is negative where the baseline pays more.
    """

    additional: float
    anyway: float
    other: float
    budget: float

    @property
    def total(self) -> float:
        """What was paid: the parts without the budget."""
        return self.additional + self.anyway + self.other

    @property
    def ends(self) -> tuple[float, float]:
        """Left and right end of what is drawn: negative parts lie left of zero."""
        parts = (self.additional, self.anyway, self.other)
        low, high = (sum(part for part in parts if sign * part > 0.0) for sign in (-1.0, 1.0))
        return min(low, self.budget, 0.0), max(high, self.budget)


def money_parts(comparison: Comparison) -> MoneyParts:
    """Split what the scenario pays beyond the baseline: grants, by whether firms bought in it too, and the rest."""
    money = comparison.money
    rows = [r for r in money.rows if r.period == comparison.window_text and r.policy != ALL_POLICIES]
    granting = {row.policy for row in rows if not math.isnan(row.additional)}
    grants = [row for row in rows if row.policy in granting]
    paid = sum(row.paid if row.scenario == comparison.b.id else -row.paid for row in grants)
    split = [
        sum(value for row in grants if not math.isnan(value := getattr(row, name))) for name in ("additional", "anyway")
    ]
    # The split is known purchase by purchase, the amounts from the accounts.
    additional = paid * split[0] / sum(split) if sum(split) > 0.0 else paid
    return MoneyParts(additional, paid - additional, money.extra.mean - paid, money.extra_budget)


def value_for_money(sources: Sequence[Source], lang: Lang = "en") -> Drawing:
    """Draw value for money of one or more scenarios against the same baseline.

    Parameters
    ----------
    sources
        One pair of runs (scenario, baseline) or comparison for each row, top down.

    Raises
    ------
    UserError
        Without a scenario, or when baselines or windows differ.
    """
    comparisons = [as_comparison(source) for source in sources]
    if not comparisons:
        raise UserError("value for money needs at least one scenario")
    first = comparisons[0]
    for other in comparisons[1:]:
        if (other.a.id, other.a.hash) != (first.a.id, first.a.hash) or other.window != first.window:
            raise UserError(
                f"{other.b.id} is compared with {other.a.id} over {other.window_text}, {first.b.id} with {first.a.id} "
                f"over {first.window_text}: one baseline and one window for all"
            )
    with drawing(lang):
        return _draw(comparisons, lang)


def _name(comparison: Comparison, lang: Lang) -> str:
    """Return the scenario's name, or its id."""
    return clean(named(comparison.b, lang))


def _draw(comparisons: Sequence[Comparison], lang: Lang) -> Drawing:
    """Lay out names, three measures and the money bar."""
    first = comparisons[0]
    title = _title(comparisons, lang)
    frame = Frame(title, _subtitle(comparisons, lang), _notes(comparisons, lang), _footer(comparisons, lang))
    height = _ROW * len(comparisons)
    sheet = Sheet(frame, height + _HEAD + 22.0)
    rows = (len(comparisons) - 0.5, -0.5)
    for position, comparison in enumerate(comparisons):
        lines = wrap(_name(comparison, lang), _NAME - 14.0, style.LABEL_SIZE, lines=3)
        middle = 22.0 + height * (1.0 - (position + 0.5) / len(comparisons))
        for k, line in enumerate(lines):
            sheet.text(0.0, middle + 11.0 * ((len(lines) - 1) / 2 - k), line)
    panels = []
    wide = (sheet.width - _NAME - 200.0) / 3
    for k, (measure, english, chinese) in enumerate(MEASURES):
        box = (_NAME + k * wide, 22.0, wide - 18.0, height)
        name = pick(lang, english, chinese)
        sheet.text(box[0], height + 34.0, name, size=style.SMALL_SIZE, color=style.MUTED)
        panels.append(_draw_measure(sheet, box, rows, [c.value_of(measure) for c in comparisons], lang))
    box = (sheet.width - 186.0, 22.0, 132.0, height)
    parts = [money_parts(c) for c in comparisons]
    panels.append(_draw_money(sheet, box, parts, lang, first.window_text))
    alt = _alt(comparisons, title, lang)
    data = _table(comparisons, parts)
    return Drawing("03-value-for-money", lang, title, alt, sheet.figure, tuple(p.axes for p in panels), data)


def _draw_measure(
    sheet: Sheet,
    box: tuple[float, float, float, float],
    rows: tuple[float, float],
    values: Sequence[ValueRow],
    lang: Lang,
) -> Panel:
    """Draw one measure: a dot with bars for each scenario, and its numbers."""
    ends = [edge for value in values if value.defined for edge in edges(value.band)]
    x = limits(ends or [0.0, 1.0], zero=True, pad=0.08)
    panel = Panel.place(sheet, box, x, rows)
    marks = fitting_ticks(*x, panel.width, style.LABEL_SIZE)
    number_axis(panel.axes, marks, tick_labels(marks), horizontal=True)
    panel.axes.axvline(0.0, color=style.INK, linewidth=0.9, zorder=1)
    for position, value in enumerate(values):
        y = panel.up(float(position))
        if not value.defined:
            text = pick(lang, "not defined", "无法计算")
            sheet.text(panel.across(0.0) + 5.0, y, text, size=style.SMALL_SIZE, color=style.FAINT)
            continue
        draw_row(panel, float(position), value.band, _COLORS, f"{value.measure}-{position}")
        middle = min(max(panel.across(value.band.p50), panel.left + 24.0), panel.right - 24.0)
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        look: dict[str, Any] = {"size": style.SMALL_SIZE, "color": style.SCENARIO, "bbox": paper}
        sheet.text(middle, y + 14.5, _number(value), ha="center", **look)
    return panel


def _number(value: ValueRow) -> str:
    """Return the median with the digits its noise allows, at most three decimals."""
    decimals = min(max(decimals_shown(value.mc_se, value.band.p50), 0), 3)
    rounded = round(value.band.p50, decimals)
    return (MINUS if rounded < 0 else "") + f"{abs(rounded):,.{decimals}f}"


def _three_digits(amount: float, scale: Scale) -> str:
    """Return an amount of money with three significant digits."""
    rounded = float(f"{amount:.3g}")
    size = abs(rounded) / scale.divisor
    return scale.number(rounded, 2 if size < 10 else 1 if size < 100 else 0)


def _look(part: str) -> dict[str, Any]:
    """Return how a part of the bar is filled; they differ without colour too."""
    return {
        "additional": {"facecolor": style.SCENARIO, "edgecolor": style.SCENARIO},
        "anyway": {"facecolor": style.ANYWAY, "edgecolor": style.BASELINE, "hatch": "////"},
        "other": {"facecolor": style.SCENARIO_90, "edgecolor": style.SCENARIO_50},
        "budget": {"facecolor": "none", "edgecolor": style.INK},
    }[part]


def _draw_money(
    sheet: Sheet, box: tuple[float, float, float, float], parts: Sequence[MoneyParts], lang: Lang, window: str
) -> Panel:
    """Draw the stacked bars and their key above."""
    low, high = min(part.ends[0] for part in parts), max(part.ends[1] for part in parts)
    scale = scale_for("yuan", max(high, -low) / 10.0, lang)
    panel = Panel.place(sheet, box, (low, high if high > low else low + 1.0), (len(parts) - 0.5, -0.5))
    key = panel.top + 56.0
    head = pick(lang, f"public money {window}, {scale.label}", f"{window}年财政资金（{scale.label}）")
    sheet.text(panel.left, panel.top + 12.0, head, size=style.SMALL_SIZE, color=style.MUTED)
    for k, (part, english, chinese) in enumerate((*PARTS, BUDGET)):
        x, y = (0.0 if k % 2 == 0 else 122.0) + panel.left - 62.0, key - 13.0 * (k // 2)
        sheet.figure.add_artist(
            Rectangle((style.MARGIN + x, sheet.bottom + y - 4.0), 10.0, 8.0, transform=sheet.points, linewidth=0.6,
                      **_look(part))
        )  # fmt: skip
        sheet.text(x + 15.0, y, pick(lang, english, chinese), size=style.SMALL_SIZE, color=style.MUTED)
    if low < 0.0:
        panel.axes.axvline(0.0, color=style.INK, linewidth=0.9, zorder=1)
    for position, money in enumerate(parts):
        ends = [0.0, 0.0]
        for part, _, _ in PARTS:
            amount = getattr(money, part)
            if amount != 0.0:
                side = int(amount > 0.0)
                _draw_part(panel, part, position, (ends[side], amount), 0.16)
                ends[side] += amount
        if money.budget != 0.0:
            _draw_part(panel, "budget", position, (0.0, money.budget), 0.22)
        told = _three_digits(money.total, scale)
        if money.budget != 0.0:  # the number at the end of the outline must not be read as the outline's
            told = pick(lang, f"{told} of {_three_digits(money.budget, scale)}",
                        f"{told}／{_three_digits(money.budget, scale)}")  # fmt: skip
        sheet.text(panel.across(money.ends[1]) + 7.0, panel.up(float(position)), told)
    return panel


def _draw_part(panel: Panel, part: str, position: int, span: tuple[float, float], half: float) -> None:
    """Draw one part of a bar from where it begins over its amount; ``half`` of its height in rows."""
    start, amount = span
    panel.axes.add_patch(
        Rectangle((start, position - half), amount, 2.0 * half, linewidth=0.6, zorder=2, clip_on=False,
                  gid=f"money-{part}-{position}", **_look(part))
    )  # fmt: skip


def _title(comparisons: Sequence[Comparison], lang: Lang) -> str:
    """Say how many jobs a million yuan goes with; of several scenarios, with which most."""
    jobs = [(c.value_of("jobs_per_million"), _name(c, lang)) for c in comparisons]
    defined = [(value, name) for value, name in jobs if value.defined]
    if not defined:
        return pick(
            lang,
            "Value for money cannot be calculated: the scenario does not cost more in every run",
            "无法计算资金效益：并非每次推演中情形的支出都更多",
        )
    fewest = min(c.n_pairs for c in comparisons)
    if fewest < MINIMUM_RUNS_FOR_BAND:
        return pick(
            lang,
            f"{fewest} pairs of runs are too few to judge value for money",
            f"配对推演只有{fewest}次，不足以判断资金效益",
        )
    best, name = max(defined, key=lambda pair: pair[0].band.p50)
    number = _number(best)
    unsure = best.band.shown and best.band.p05 <= 0.0 <= best.band.p95
    doubt = pick(lang, ", perhaps with none", "，也可能为零") if unsure else ""
    if len(defined) > 1:
        return pick(
            lang, f"Most jobs per million yuan: {number} with “{name}”{doubt}",
            f"每百万元新增就业最多的是“{name}”：{number}人{doubt}",
        )  # fmt: skip
    anyway = comparisons[0].money.anyway
    share = ""
    if len(comparisons) == 1 and anyway is not None and math.isfinite(anyway.by_grant.p50):
        percent = f"{100 * anyway.by_grant.p50:.0f}%"
        english = f"; {percent} of grants went to machines bought anyway"
        share = pick(lang, english, f"；{percent}的补助用于本来也会购置的设备")
    return pick(
        lang, f"A million yuan of public money goes with {number} jobs{doubt}{share}",
        f"每百万元财政资金对应{number}个就业岗位{doubt}{share}",
    )  # fmt: skip


def _subtitle(comparisons: Sequence[Comparison], lang: Lang) -> tuple[str, ...]:
    """Name baseline, world and pairs; the scenarios are named in the rows."""
    first = comparisons[0]
    baseline = clean(named(first.a, lang))
    world = short_world(pick(lang, first.setting.world, first.setting.world_zh))
    numbers = sorted({c.n_pairs for c in comparisons})
    pairs = "-".join(str(n) for n in dict.fromkeys((numbers[0], numbers[-1])))
    paired = all(c.paired for c in comparisons)
    place = clean(pick(lang, first.setting.place_name, first.setting.place_name_zh))
    scenario = (pick(lang, "Scenario: ", "情形：") + _name(first, lang),) if len(comparisons) == 1 else ()
    runs = pairs + (pick(lang, " pairs", "对推演") if paired else pick(lang, " unpaired runs", "次推演（未配对）"))
    return (
        *scenario,
        pick(lang, "Baseline: ", "基准：") + baseline,
        f"{place} · {pick(lang, 'world: ', '外部环境：')}{world} · {runs}",
    )


def _notes(comparisons: Sequence[Comparison], lang: Lang) -> tuple[str, ...]:
    """Say what is divided by what, and why a measure is missing."""
    first = comparisons[0]
    calibrated = all(c.setting.calibrated for c in comparisons)
    bands = all(c.n_pairs >= MINIMUM_RUNS_FOR_BAND for c in comparisons)
    notes = [
        pick(
            lang,
            f"Extra jobs in {first.at}, extra output and tax over {first.window_text}, each by the public money that "
            "the scenario costs more than the baseline, undiscounted, run by run.",
            f"{first.at}年新增就业，{first.window_text}年新增产值和税金，分别除以情形比基准多支出的财政资金，未折现，逐对计算。",
        ),
        pick(
            lang,
            "Dot: median; thick bar: 50% of runs; thin bar: 90%; covering chance "
            f"{'and calibration' if calibrated else 'only'}, not events outside the model.",
            "圆点为中位数，粗条为50%的推演，细条为90%的推演；反映随机因素"
            f"{'和参数校准的不确定性' if calibrated else ''}，不包括模型以外的事件。",
        )
        if bands
        else pick(lang, "Fewer than 20 pairs of runs: no bands are shown.", "配对推演不足20次，不给出区间。"),
        pick(
            lang,
            "Bar at the right: public money paid beyond the baseline; outline: the budget (of a fund that of its "
            "calls, of all else what was due). Bought anyway: the same firm makes the purchase in the paired baseline "
            "too.",
            "右侧条形为比基准多拨付的财政资金，轮廓为预算（专项资金为申报预算，其他政策为应支出额）。"
            "本来也会投资：同一企业在配对的基准推演中也购置了设备。",
        ),
    ]
    for comparison in comparisons:
        notes += [*_granted(comparison, lang), *_remarks(comparison, lang, alone=len(comparisons) == 1)]
        paid = [comparison.value_of(measure) for measure, _, _ in MEASURES]
        missing = [value for value in paid if not value.defined]
        reasons = {pick(lang, v.reason, v.reason_zh) for v in missing}
        notes += [f"{_name(comparison, lang)}{pick(lang, ': ', '：')}{reason}" for reason in sorted(reasons)]
    return tuple(dict.fromkeys(notes))


def _remarks(comparison: Comparison, lang: Lang, *, alone: bool) -> list[str]:
    """Return the years compared and what could not be paid for; beside other scenarios B goes by its name."""
    name, span = _name(comparison, lang), comparison.note("span")
    years = [] if span is None else [pick(lang, span.en, span.zh)]
    if not alone:
        years = [name + pick(lang, ": ", "：") + text for text in years]
    where = "" if alone else pick(lang, f'in "{name}"', f"“{name}”的")
    return [*years, *(shortfall_text(one, lang, where if one.side == "B" else "") for one in comparison.shortfalls)]


def _granted(comparison: Comparison, lang: Lang) -> list[str]:
    """Say what a million yuan goes with by the money granted, where grants are not paid yet."""
    value, left = comparison.value_of("jobs_per_million", "granted"), comparison.money.extra_outstanding
    if left <= OUTSTANDING_WORTH_SAYING * abs(comparison.money.extra_granted) or not value.defined:
        return []
    name, last, amount = _name(comparison, lang), comparison.window[1], format_money(left, lang)
    return [
        pick(
            lang,
            f"{name}: another {amount} granted was not paid by the end of {last}; by money granted a million yuan goes "
            f"with {_number(value)} jobs.",
            f"{name}：至{last}年末另有{amount}已批复未拨付；按批复额计算，每百万元新增就业{_number(value)}人。",
        )
    ]


def _footer(comparisons: Sequence[Comparison], lang: Lang) -> tuple[str, ...]:
    """Return the last line: simulation, calibration, run ids."""
    parts = [pick(lang, "Simulation, not a forecast", "模型推演，不是预测")]
    if not all(c.setting.calibrated for c in comparisons):
        parts.append(pick(lang, *NOT_CALIBRATED))
    sides = [*(c.b for c in comparisons), comparisons[0].a]
    ids = pick(lang, ", ", "、").join(f"{side.id}/{side.hash}" for side in sides)
    return (" · ".join([*parts, pick(lang, "runs ", "推演编号：") + ids]),)


def _alt(comparisons: Sequence[Comparison], title: str, lang: Lang) -> str:
    """List each scenario's measures in words."""
    rows = []
    for comparison in comparisons:
        cells = []
        for measure, english, chinese in MEASURES:
            value = comparison.value_of(measure)
            number = _number(value) if value.defined else pick(lang, "not defined", "无法计算")
            cells.append(f"{pick(lang, english, chinese)} {number}")
        rows.append(_name(comparison, lang) + pick(lang, ": ", "：") + pick(lang, ", ", "，").join(cells))
    return title + pick(lang, ". ", "。") + pick(lang, "; ", "；").join(rows) + pick(lang, ".", "。")


def _table(comparisons: Sequence[Comparison], parts: Sequence[MoneyParts]) -> pd.DataFrame:
    """Return a row for each scenario and measure, and for each part of the money (yuan)."""
    records: list[dict[str, object]] = []
    for comparison, money in zip(comparisons, parts, strict=True):
        base = {"scenario": comparison.b.id, "baseline": comparison.a.id, "window": comparison.window_text}
        base |= {"n_pairs": str(comparison.n_pairs)}
        for measure, _, _ in MEASURES:
            value = comparison.value_of(measure)
            records.append({**base, "measure": measure, "defined": value.defined, **value.band.quantiles})
        for part, _, _ in (*PARTS, BUDGET):
            records.append({**base, "measure": f"money_{part}", "defined": True, "p50": getattr(money, part)})
    columns = ["scenario", "baseline", "window", "n_pairs", "measure", "defined", "p05", "p25", "p50", "p75", "p95"]
    return pd.DataFrame.from_records(records, columns=columns)
