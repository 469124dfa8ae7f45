"""A fit as text for the terminal: figures with misses on top, what was learnt, what was not, and the proofs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.evidence import BOUNDS
from sim.report.fit import figure_name, period_text
from sim.report.posterior import number_name, number_text
from sim.report.table import Column, layout, one_line
from sim.report.words import pick
from sim.units import Language, format_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.report.posterior import Figure, Posterior

MOST_LEARNT = 15
MOST_PAIRS = 5
READING = {
    "missed": ("missed", "未覆盖"),
    "inside": ("inside", "区间内"),
    "right side": ("on the right side", "方向一致"),
    "too few runs": ("too few runs", "推演次数不足"),
}


def posterior_text(found: Posterior, language: Language, *, every: bool = False, width: int | None = None) -> str:
    """Return the whole fit for the terminal.

    Parameters
    ----------
    every
        Also every number no figure informs, by name, and every figure not used, with the reason.
    width
        Terminal columns; a wider table loses its less important columns. None: never.
    """
    parts = [_heading(found, language)]
    if found.figures:
        parts.append(layout(_figure_columns(found.figures, language), width))
    if found.ratios:
        head = pick(
            language, "known ratios of the industry, used beside the figures", "行业已知比率（与公布数一并使用）"
        )
        parts.append([head, *layout(_figure_columns(found.ratios, language), width)])
    parts.append(_legend(found, language))
    parts.append(_learnt(found, language, width))
    parts.append(_idle(found, language, every=every))
    if found.pairs:
        parts.append(_pairs(found, language))
    parts.append(_proofs(found, language))
    parts.append(_unused(found, language, every=every))
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _heading(found: Posterior, language: Language) -> list[str]:
    about = found.about
    lines = [
        pick(
            language,
            f"Fit {about['id']}: what the reported figures say of {about['scenario']}",
            f"校准{about['id']}：公布数对方案{about['scenario']}说明了什么",
        )
    ]
    others = about.get("together_with", [])
    if others:
        lines.append(pick(language, f"fitted together with {', '.join(others)}", f"与{'、'.join(others)}一同校准"))
    lines.append(
        pick(
            language,
            f"{about['trials']} trials, {about['failed_trials']} failed; {about['draws']} draws; "
            f"{about['chains']} chains: R-hat up to {about['r_hat']:.3f}, effective size from {about['effective']:.0f}",
            f"{about['trials']}次试算，{about['failed_trials']}次失败；{about['chains']}条链，{about['draws']}组参数；"
            f"最大R-hat {about['r_hat']:.3f}，最小有效样本{about['effective']:.0f}",
        )
    )
    if found.fit.refusal is not None:
        lines.append(found.fit.refusal.text(language))
    return lines


def _figure_columns(figures: Sequence[Figure], language: Language) -> list[Column]:
    names = [_name(item, language) for item in figures]
    units = [str(item.record["unit"]) for item in figures]
    periods = [period_text(item.fact, language) if item.fact else "" for item in figures]

    def band(item: Figure, which: str, unit: str) -> str:
        chosen = item.best if which == "after" else item.prior
        return " … ".join(_short(chosen[key], unit, language) for key in ("p05", "p95"))

    left = {"left": True}
    return [
        Column(pick(language, "figure", "指标"), names, **left),
        Column(pick(language, "period", "时期"), periods, goes=2, **left),
        Column(pick(language, "reported", "公布数"), [_reported(item, language) for item in figures], **left),
        Column(
            pick(language, "simulated", "推演中位数"),
            [_short(item.best["p50"], unit, language) for item, unit in zip(figures, units, strict=True)],
            **left,
        ),
        Column(
            pick(language, "90% after the fit", "校准后90%区间"),
            [band(item, "after", unit) for item, unit in zip(figures, units, strict=True)],
            **left,
        ),
        Column(
            pick(language, "90% before", "校准前90%区间"),
            [band(item, "before", unit) for item, unit in zip(figures, units, strict=True)],
            goes=1,
            **left,
        ),
        Column(pick(language, "taught", "信息量"), [f"{item.record['taught']:.2f}" for item in figures], goes=3),
        Column("", [_result(item, language) for item in figures], **left),
    ]


def _name(item: Figure, language: Language) -> str:
    if item.fact is None:
        return str(item.record.get("about_zh" if language == "zh" else "about", item.id))
    return f"{one_line(item.fact.place)} {figure_name(item.fact.variable, language)}"


def _reported(item: Figure, language: Language) -> str:
    return f"{BOUNDS[item.record['bound']]} {format_value(item.record['value'], item.record['unit'], language, 14)}"


def _short(value: float, unit: str, language: Language) -> str:
    return format_value(float(f"{value:.3g}"), unit, language, 14)


def _result(item: Figure, language: Language) -> str:
    english, chinese = READING[item.record["standing"]]
    mark = "" if not item.starts else "°" if item.binds else "°°"
    return pick(language, english, chinese) + mark


def _legend(found: Posterior, language: Language) -> list[str]:
    missed = sum(item.missed for item in found.fitted)
    total = len(found.fitted)
    lines = [
        pick(
            language,
            f"{total - missed} of {total} figures inside the band or on the right side",
            f"{total}项公布数中{total - missed}项在区间内或方向一致",
        )
        if total
        else pick(language, "No reported figure entered this fit.", "没有公布数参与本次校准。")
    ]
    if total:
        kept = total - sum(item.wider for item in found.fitted)
        lines.append(
            pick(
                language,
                f"{kept} of {total} bands no wider than before the fit (emulators before and after)",
                f"{total}项区间中{kept}项不宽于校准前（均按代理模型计）",
            )
        )
    lines.append(
        pick(
            language,
            "= exact   ≥ at least   ≤ at most   ≈ about   ° a run starts from this figure   taught: nats a figure adds",
            "= 确数   ≥ 至少   ≤ 至多   ≈ 约   ° 推演由此数起步   信息量单位：奈特",
        )
    )
    if len(found.fitted) < len(found.figures):
        lines.append(
            pick(
                language,
                "°° the range of a starting value was made from this figure: it is in the prior, and not counted above",
                "°° 起始值的区间由该数得出：已在先验中，不计入以上统计",
            )
        )
    lines.append(
        pick(
            language,
            "Bands hold chance, calibration and the noise of counting. A figure outside may count other firms.",
            "区间含随机因素、校准不确定性和统计误差。落在区间外的公布数统计范围可能不同。",
        )
    )
    return lines


def _learnt(found: Posterior, language: Language, width: int | None) -> list[str]:
    shown = found.learnt[:MOST_LEARNT]
    if not shown:
        return [pick(language, "No number learnt anything.", "没有数值得到说明。")]
    ends = [
        tuple(
            " … ".join(number_text(item[which][key], item["unit"], language) for key in ("p05", "p95"))
            for which in ("prior", "posterior")
        )
        for item in shown
    ]
    columns = [
        Column(pick(language, "number", "数值"), [number_name(item, language) for item in shown], left=True),
        Column(pick(language, "name", "名称"), [str(item["name"]) for item in shown], left=True, goes=2),
        Column(pick(language, "before", "校准前"), [before for before, _ in ends], left=True),
        Column(pick(language, "after", "校准后"), [after for _, after in ends], left=True),
        Column(pick(language, "variance gone", "方差缩减"), [f"{max(item['contraction'], 0):.0%}" for item in shown]),
        Column(
            pick(language, "taught most by", "主要依据"),
            [_teacher(item, language) for item in shown],
            left=True,
            goes=1,
        ),
    ]
    head = pick(
        language,
        f"what was learnt: {len(found.learnt)} of {len(found.parameters)} numbers (90% before and after)",
        f"得到说明的数值：{len(found.parameters)}项中的{len(found.learnt)}项（校准前后90%区间）",
    )
    more = len(found.learnt) - len(shown)
    tail = (
        [pick(language, f"and {more} more, in the data of the figure", f"另有{more}项，见图的数据文件")]
        if more > 0
        else []
    )
    return [head, *layout(columns, width), *tail]


def _teacher(item: Mapping[str, Any], language: Language) -> str:
    return str(item["taught_by"]) if item["taught_by"] else pick(language, "other places", "其他地区")


def _idle(found: Posterior, language: Language, *, every: bool) -> list[str]:
    groups: dict[str, list[str]] = {}
    for item in found.idle:
        group = item["name"].split(".")[0]
        groups.setdefault(group, []).append(str(item["name"]))
    head = pick(
        language,
        f"informed by no reported figure: {len(found.idle)} numbers stay as wide as their priors",
        f"没有公布数可以说明：{len(found.idle)}项数值仍与先验一样宽",
    )
    ordered = sorted(groups.items(), key=lambda pair: -len(pair[1]))
    if not every:
        counted = ", ".join(f"{name} {len(items)}" for name, items in ordered)
        return [head, f"  {counted}", pick(language, "  --all names each", "  --all 逐项列出")]
    return [head, *(f"  {', '.join(items)}" for _, items in ordered)]


def _pairs(found: Posterior, language: Language) -> list[str]:
    lines = [pick(language, "pairs that trade off", "此消彼长的数值")]
    for pair in found.pairs[:MOST_PAIRS]:
        lines.append(f"  {pair['a']}  {pair['b']}  {pair['correlation']:+.2f}")
    return lines


def _proofs(found: Posterior, language: Language) -> list[str]:
    lines = []
    for which, english, chinese in (
        ("left_out", "left out and predicted by a fit that did not see them", "逐项剔除后由未使用该数的校准预测"),
        ("from_others", "predicted from the other places", "由其他地区预测"),
    ):
        counts = [_predicted(found.figures, which, language, starts=starts) for starts in (False, True)]
        if any(counts):
            lines.append(f"{pick(language, english, chinese)}{_colon(language)}{', '.join(filter(None, counts))}")
    ranks = found.fit.diagnostics.get("ranks")
    if ranks:
        tested = [item for item in found.parameters if item["identified"] and item["rank_p"] is not None]
        bad = [str(item["name"]) for item in found.parameters if item["unproven"]]
        untested = [str(item["name"]) for item in found.parameters if item["untested"]]
        lines.append(
            pick(
                language,
                f"known numbers found again: 90% intervals hold {ranks['coverage']:.0%} over {ranks['cases']} cases; "
                "ranks are even and intervals hold (p > 0.01) "
                f"for all {len(tested)} numbers called identified",
                f"已知参数的复原：{ranks['cases']}个案例中90%区间覆盖{ranks['coverage']:.0%}；"
                f"{len(tested)}项称为已识别的数值，秩检验与覆盖检验均通过（p>0.01）",
            )
        )
        if bad:
            told = pick(language, "not called identified, not found again often enough", "复原检验未通过，不称为已识别")
            lines.append(f"  {told}: {', '.join(bad)}")
        if untested:
            told = pick(language, "not called identified, moved by no synthetic case", "无合成案例可检验，不称为已识别")
            lines.append(f"  {told}: {', '.join(untested)}")
    return lines


def _predicted(figures: Sequence[Figure], which: str, language: Language, *, starts: bool) -> str:
    """Return how many predictions hold their figure, of outcomes or of what a run starts from; "" without any."""
    records = [item.record[which] for item in figures if item.record.get(which) and item.starts is starts]
    if not records:
        return ""
    inside = sum(item["inside"] for item in records)
    if starts:
        return pick(
            language,
            f"{inside} of {len(records)} figures inside that a run starts from",
            f"起始数{len(records)}项中{inside}项在区间内",
        )
    return pick(language, f"{inside} of {len(records)} outcomes inside", f"结果数{len(records)}项中{inside}项在区间内")


def _colon(language: Language) -> str:
    return pick(language, ": ", "：")


def _unused(found: Posterior, language: Language, *, every: bool) -> list[str]:
    own = set(found.about["places"]) | {item.record["place"] for item in found.figures}
    shown = [item for item in found.unused if every or item["place"] in own]
    if not shown:
        return []
    lines = [pick(language, "figures not used, and why", "未使用的公布数及原因")]
    lines += [f"  {item['id']}  {pick(language, item['why'], item['why_zh'])}" for item in shown]
    return lines
