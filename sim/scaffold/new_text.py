"""The files of a new place as text: the place, its baseline, and its figures; comments in English or Chinese."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from sim.evidence import Fact
from sim.observables import INDEX, observable
from sim.scaffold.new_examples import as_comment, example_policies, sizes_of
from sim.scaffold.new_scaling import Words
from sim.scaffold.new_start import Start, Starting, written
from sim.scenario.place_start import MEANINGS, UNITS
from sim.scenario.places import fact_text
from sim.scenario.writing import text
from sim.units import month_number, month_text, year_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LAST_YEAR = 2030
YEARS_AHEAD = 5
"""A baseline ends with the shipped ones, or later so that a policy has time to work."""
REPLICATES = 100
SEED = 20250108
"""Seed of the shipped scenarios, so that places that are compared share their random draws."""

SECTIONS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (
        ("businesses", "经营主体"),
        ("businesses", "maker_share", "supplier_share", "trader_share", "size_tail_index", "above_scale_firms"),
    ),
    (
        ("output and markets", "产值与市场"),
        ("output_value", "operating_revenue", "exports", "export_destinations", "national_market_share",
         "global_market_share", "domestic_buyers", "foreign_buyers"),
    ),
    (("people and money", "人员与资金"), ("employment_reported", "wage", "county_balance")),
)  # fmt: skip

HEAD = {
    "en": """\
# {name}: the numbers it starts from. Forms of a value: docs/evidence.md
#   {{ fact = "id" }}                                a reported figure, as printed
#   {{ value = …, facts = ["id"], note = "…" }}       computed from reported figures
#   {{ value = …, low = …, high = …, assumed = true }} assumed: replace what you know better, say why in the note
# Check it:  countysim place check {id}      See it:  countysim place show {id}
""",
    "zh": """\
# {name}：推演的起始数值。写法见 docs/evidence.md
#   {{ fact = "编号" }}                                直接采用已公布数
#   {{ value = …, facts = ["编号"], note = "…" }}       由已公布数推算
#   {{ value = …, low = …, high = …, assumed = true }} 假设：有更可靠的数请替换，并在 note 中说明理由
# 检查：countysim place check {id} --lang zh      查看：countysim place show {id} --lang zh
""",
}
OTHER_TOTAL = {
    "en": "also reported, but only one of output value and revenue may be given: {}",
    "zh": "另有已公布数 {}：产值与营业收入只能写一项",
}
CODE = {"en": "administrative code, six digits, when you know it", "zh": "行政区划代码，六位，可不填"}
YEAR = {"en": "the year the numbers below describe", "zh": "以下数值所属年份"}
OPTIONAL = {
    "en": """
# Left out: no lead firm, and nobody buys by the piece. When a few firms make much of output, or buyers pay for quality:
# lead_firms  = {{ value = 1, low = 1, high = 2, assumed = true, note = "why" }}
# lead_share  = {{ value = 0.30, low = 0.20, high = 0.40, assumed = true, note = "of makers' output" }}
# piece_share = {{ value = 0.20, low = 0.10, high = 0.30, assumed = true, note = "of buyers at home" }}
# piece_share_abroad = {{ value = 0.20, low = 0.10, high = 0.30, assumed = true, note = "the same, abroad" }}
""",
    "zh": """
# 不写表示没有龙头企业，也没有按件采购的客户。如少数企业占产值较大比重，或客户按质论价，可写：
# lead_firms  = {{ value = 1, low = 1, high = 2, assumed = true, note = "龙头企业数及理由" }}
# lead_share  = {{ value = 0.30, low = 0.20, high = 0.40, assumed = true, note = "龙头企业合计占生产企业产值" }}
# piece_share = {{ value = 0.20, low = 0.10, high = 0.30, assumed = true, note = "国内按件采购的客户占比" }}
# piece_share_abroad = {{ value = 0.20, low = 0.10, high = 0.30, assumed = true, note = "国外按件采购的客户占比" }}
""",
}


def place_text(
    names: Mapping[str, str], start: Start, facts: Mapping[str, Fact], lang: str, also: Sequence[Fact] = ()
) -> str:
    """Return the text of a place file.

    Parameters
    ----------
    names
        ``id``, ``name``, ``name_zh``, ``admin_code``, ``industry`` and ``industry_zh``.
    facts
        The place's figures by id.
    also
        Figures of the other headline variable, which may not be given beside it.
    """
    keys = ("id", "name", "name_zh", "admin_code", "industry", "industry_zh")
    spoken = names["name_zh"] if lang == "zh" else names["name"]
    lines = [HEAD[lang].format(name=one_line(spoken), id=names["id"]).rstrip("\n"), "schema      = 1"]
    for key in keys:
        line = f"{key:<11} = {text(names[key])}"
        lines.append(f"{line:<43}# {CODE[lang]}" if key == "admin_code" else line)
    lines += ["", "[start]", f"{f'base_year = {start.year}':<43}# {YEAR[lang]}"]
    values = {item.name: item for item in start.values}
    for title, members in SECTIONS:
        lines += ["", f"# --- {title[lang == 'zh']} ---"]
        for name in members:
            if name in values:
                lines += [f"# {MEANINGS[name][lang == 'zh']}", entry(values[name], facts, lang)]
        if "output_value" in members:
            lines += [f"# {OTHER_TOTAL[lang].format(fact_text(item))}" for item in also]
    return "\n".join(lines) + "\n" + OPTIONAL[lang].format()


def one_line(words: str) -> str:
    """Return text for a comment: no line ends or control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in words)


def entry(item: Starting, facts: Mapping[str, Fact], lang: str) -> str:
    """Return one starting value as a line of TOML."""
    if item.kind == "reported":
        return f"{item.name} = {{ fact = {text(item.facts[0])} }}   # {one_line(fact_text(facts[item.facts[0]]))}"
    unit = UNITS[item.name]
    parts = [f"value = {written(item.value, unit, lang)}"]
    if item.low is not None and item.high is not None:
        parts += [f"low = {written(item.low, unit, lang)}", f"high = {written(item.high, unit, lang)}"]
    if item.facts:
        parts.append(f"facts = [{', '.join(text(name) for name in item.facts)}]")
    if item.kind == "assumed":
        parts.append("assumed = true")
    return f"{item.name} = {{ {', '.join(parts)}, note = {text(item.why[lang == 'zh'])} }}"


# --- the baseline ------------------------------------------------------------------------------------------

BASELINE = """\
#:schema ./schema.json
# {about}
#   countysim scenario new my-idea --from {id}{language}
schema  = 1
id      = "{id}"
name    = {name}
name_zh = {name_zh}
kind    = "baseline"
place   = "{place}"   # scenarios/places/{place}.toml
world   = ["low", "central", "high"]   # {world}

[time]
start          = "{start}"   # {first}
reported_until = "{until}"   # {reported}
end            = "{end}"

[run]
replicates = {replicates}   # {paired}
seed       = {seed}
"""
COMMENTS: dict[str, Words] = {
    "about": (
        "{}: the policies in force. Scenarios of your own extend this one:",
        "{}：现行政策。自己的方案由此继承：",
    ),
    "language": ("", " --lang zh"),
    "world": (
        "demand, steel price, wages: replicates meet them in turn; or one: central, constant (docs/worlds.md)",
        "外部环境（需求、钢价、工资）：各次推演轮流采用；也可只写一个：central、constant，见 docs/worlds.md",
    ),
    "first": ("first simulated month: the year of the figures", "第一个推演月份：数据所属年份"),
    "reported": (
        "last month with a figure; scenarios may differ only after it",
        "数据截至月份；方案只能在此之后有所不同",
    ),
    "paired": (
        "paired: replicate i has the same random draws in every scenario",
        "配对推演：同一序号在各方案中随机抽取相同",
    ),
}
POLICIES = {
    "en": """
# --- policies in force ---
# None is written down yet. Take the comment signs of what the county has, put in its own terms and months, name
# the source, and list fields nobody published in  assumed = ["…"].  All types and terms: countysim scenario terms
""",
    "zh": """
# --- 现行政策 ---
# 目前没有写入任何政策。把本县已有的政策去掉注释符号，改为实际条款和月份，并写明来源；
# 没有公开数据的项列入 assumed = ["…"]。全部类型和条款：countysim scenario terms --lang zh
""",
}
BASELINE_NAMES: Words = ("{}: policies in force", "{}：现行政策")


def baseline_text(names: Mapping[str, str], start: Start, until: int | None, goals: Iterable[Fact], lang: str) -> str:
    """Return the text of a baseline: the world, time and run, announced aims, and example policies as comments."""
    first = month_number(start.year, 1)
    reported = max(first + 11, until or 0)
    end = month_number(max(LAST_YEAR, year_of(reported) + YEARS_AHEAD), 12)
    english, chinese = (form.format(names[key]) for form, key in zip(BASELINE_NAMES, ("name", "name_zh"), strict=True))
    words = {key: both[lang == "zh"] for key, both in COMMENTS.items()}
    words["about"] = words["about"].format(one_line(names["name_zh"] if lang == "zh" else names["name"]))
    parts = [
        BASELINE.format(
            **words,
            id=f"{names['id']}-baseline",
            place=names["id"],
            name=text(english),
            name_zh=text(chinese),
            start=month_text(first),
            until=month_text(reported),
            end=month_text(end),
            replicates=REPLICATES,
            seed=SEED,
        )
    ]
    parts += [goal_text(item) for item in goals if is_goal(item)]
    parts.append(POLICIES[lang])
    parts += ["\n" + as_comment(block) for block in example_policies(sizes_of(start), first, lang).values()]
    return "".join(parts)


def is_goal(item: Fact) -> bool:
    """Whether a figure is an announced aim for something the model measures."""
    return item.kind == "goal" and item.variable in INDEX and observable(item.variable).unit == item.unit_plain


def goal_text(item: Fact) -> str:
    """Return an announced aim as TOML."""
    aim = written(item.value_plain, item.unit_plain, "en")
    identifier = re.sub(r"[^a-z0-9]", "-", item.id.lower()).strip("-")
    return (
        f'\n[[goal]]\nid       = "{identifier}"\nvariable = "{item.variable}"\nat_least = {aim}\n'
        f'by       = "{month_text(item.period_end)}"\nsource   = {text(item.source)}\n'
    )


# --- tables of figures -------------------------------------------------------------------------------------

BOM = "\ufeff"
"""Byte-order mark: without it older spreadsheets take Chinese text for another encoding."""


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Return rows as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([columns, *([row[column] for column in columns] for row in rows)])
    return BOM + out.getvalue()
