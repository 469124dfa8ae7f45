"""The scorecard as one page: HTML with everything inside, in English and Chinese, to be read without a network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from sim.calibrate.rivals import RIVALS
from sim.evidence import variable_label
from sim.report.numbers import MISSING
from sim.report.scorecard import (
    GROUPS,
    READ,
    group_notes,
    lines_of,
    listed_title,
    origin_lines,
    place_of,
    rival_name,
    rivals_shown,
    title_of,
    totals_of,
)
from sim.report.scorecard_picture import picture
from sim.report.table import one_line
from sim.report.words import pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.calibrate.validation import Scorecard, Scored
    from sim.units import Language

LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may fetch for the page: nothing."""
STYLE: Final = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 1180px; padding: 24px; color: #1f2328; background: #fff;
  font: 15px/1.5 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", system-ui, sans-serif; }
h1 { font-size: 22px; margin: 8px 0; } h2 { font-size: 17px; margin: 28px 0 8px; }
.switch { position: absolute; opacity: 0; }
.choice { display: inline-block; padding: 4px 12px; border: 1px solid #9aa1a8; border-radius: 4px; cursor: pointer; }
#en:checked ~ nav label[for=en], #zh:checked ~ nav label[for=zh] { background: #0a5a8c; color: #fff; }
#en:focus-visible ~ nav label[for=en], #zh:focus-visible ~ nav label[for=zh] { outline: 3px solid #84b4d2; }
main { display: none; } #en:checked ~ main[lang=en], #zh:checked ~ main[lang=zh] { display: block; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; margin: 8px 0; }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid #e3e6e8; vertical-align: top;
  overflow-wrap: anywhere; min-width: 3.5em; }
th { font-weight: 600; border-bottom-color: #9aa1a8; } td.number { text-align: right; white-space: nowrap; }
.picture { width: 100%; max-width: 920px; height: auto; display: block; }
.quiet { color: #5b636b; font-size: 13px; } .warning { border-left: 4px solid #0a5a8c; padding-left: 10px; }
@media print { nav { display: none; } body { max-width: none; padding: 0; font-size: 12px; } }
"""


def scorecard_page(card: Scorecard, language: Language) -> str:
    """Return the page; both languages are in it, the given one is shown first."""
    checked = {name: " checked" if name == language else "" for name in LANGUAGES}
    switches = "".join(
        f'<input class="switch" type="radio" name="language" id="{name}"{checked[name]}>' for name in LANGUAGES
    )
    bodies = "\n".join(_body(card, name) for name in LANGUAGES)
    title = escape(title_of(card, language))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{switches}\n"
        '<nav><label class="choice" for="en">English</label> <label class="choice" for="zh">中文</label></nav>\n'
        f"{bodies}\n</body>\n</html>\n"
    )


def _body(card: Scorecard, language: Language) -> str:
    parts = [f"<h1>{escape(title_of(card, language))}</h1>", _head(card, language)]
    parts += [_group(card, name, items, language) for name, items in card.groups]
    if not card.scored:
        parts.append(_paragraph(pick(language, "No figure could be scored.", "没有可评分的公布数。"), "warning"))
    if card.listed:
        parts.append(f"<h2>{listed_title(card, language)}</h2>{_figures(card, card.listed, language)}")
    if card.unscored:
        parts.append(f"<h2>{pick(language, 'Not scored', '未评分')}</h2>{_unscored(card, language)}")
    parts.append(_reading(language))
    return f'<main lang="{language}">' + "\n".join(parts) + "</main>"


def _paragraph(text: str, kind: str = "") -> str:
    return f'<p class="{kind or "text"}">{escape(one_line(text))}</p>'


def _head(card: Scorecard, language: Language) -> str:
    lines = [pick(language, f"figures: {card.file}", f"公布数文件：{card.file}")] if card.file else []
    lines += origin_lines(card, language)
    told = "".join(_paragraph(text, "quiet") for text in lines)
    notes = "".join(_paragraph(pick(language, *note), "warning") for note in card.notes)
    simulated = pick(
        language,
        "Firms are simulated and stand for no real one. A miss may lie in the model, in the basis or in the figure.",
        "企业均为模拟，不对应真实企业。未覆盖可能出自模型、口径或公布数本身。",
    )
    return told + notes + _paragraph(simulated, "quiet")


def _group(card: Scorecard, name: str, items: Sequence[Scored], language: Language) -> str:
    notes = "".join(_paragraph(text) for text in group_notes(items, language))
    headings, rows = totals_of(items, language)
    totals = _table(headings, rows, first_numbers=1) if rows else ""
    return (
        f"<h2>{escape(pick(language, *GROUPS[name]))}</h2>{notes}{totals}"
        f"{picture(card, items, language)}{_figures(card, items, language)}"
    )


def _figures(card: Scorecard, items: Sequence[Scored], language: Language) -> str:
    shown = rivals_shown(items)
    headings = [
        pick(language, "place", "地区"), pick(language, "figure", "指标"), pick(language, "period", "时期"),
        pick(language, "basis", "口径"), pick(language, "reported", "公布数"), pick(language, "model", "模型中位数"),
        pick(language, "90% band", "90%区间"), "", "PIT", pick(language, "score", "得分"),
        *(pick(language, f"skill: {rival_name(name, language)}", f"技巧分：{rival_name(name, language)}")
          for name in shown),
        pick(language, "source; how it was asked", "来源；折算方式"),
        *([pick(language, "what rivals went by", "对手依据")] if shown else []),
    ]  # fmt: skip
    rows = [
        [
            line.place, line.figure, line.period, line.basis, line.reported, line.middle, line.reach or MISSING,
            line.result, line.pit, line.score, *(line.skills[name] for name in shown),
            "; ".join(part for part in (line.source, line.note) if part), *([line.went_by] if shown else []),
        ]
        for line in lines_of(card, items, language)
    ]  # fmt: skip
    return _table(headings, rows, first_numbers=8, last_text=1 + bool(shown))


def _unscored(card: Scorecard, language: Language) -> str:
    headings = [
        pick(language, "id", "编号"), pick(language, "place", "地区"), pick(language, "figure", "指标"),
        pick(language, "why", "原因"),
    ]  # fmt: skip
    rows = [
        [
            item.id, place_of(card, item.place, language), variable_label(item.variable, language),
            pick(language, item.why, item.why_zh),
        ]
        for item in card.unscored
    ]  # fmt: skip
    return _table(headings, rows, first_numbers=len(headings))


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, first_numbers: int, last_text: int = 0) -> str:
    """Return a table; columns from ``first_numbers`` to the last ``last_text`` ones are set as numbers."""
    end = len(headings) - last_text

    def cell(number: int, text: str) -> str:
        kind = ' class="number"' if first_numbers <= number < end else ""
        return f"<td{kind}>{escape(one_line(text))}</td>"

    head = "".join(f"<th>{escape(text)}</th>" for text in headings)
    body = "\n".join(f"<tr>{''.join(cell(*pair) for pair in enumerate(row))}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _reading(language: Language) -> str:
    items = "".join(f"<li>{escape(pick(language, *text))}</li>" for text in READ)
    rivals = "".join(
        f"<li>{escape(rival_name(name, language))}: {escape(pick(language, words.rule, words.rule_zh))}</li>"
        for name, words in RIVALS.items()
    )
    limits = pick(
        language,
        "A rival looks only at figures whose period ends before that of the scored one.",
        "对手只使用所属时期早于被评分公布数的数据。",
    )
    return (
        f"<h2>{pick(language, 'How to read it', '说明')}</h2><ul>{items}</ul>"
        f"<h2>{pick(language, 'The rivals', '对手')}</h2><ul>{rivals}</ul>{_paragraph(limits)}"
    )
