"""Text of ``countysim place``: what was taken from figures, where each number comes from, what is doubtful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sim.cli.scenario_pages import columns
from sim.errors import UserError
from sim.inputs.problems import shown_path
from sim.scaffold.new_place import Made
from sim.scaffold.new_start import Starting
from sim.scaffold.new_text import is_goal
from sim.scenario.place_sets import load_set
from sim.scenario.place_start import UNITS, Origin
from sim.scenario.places import place_origins, read_place
from sim.scenario.scenario_files import known_inputs, known_sets
from sim.units import format_value

KINDS = {"reported": ("reported", "已公布"), "derived": ("computed", "推算"), "assumed": ("assumed", "假设")}
WORDS = {
    "wrote": ("wrote", "已写入"),
    "year": ("base year {year}: {why}", "基年{year}：{why}"),
    "year_fact": ("that of {fact}", "依据 {fact}"),
    "year_levels": ("the latest with a figure", "最近有数据的年份"),
    "year_none": ("no figure gives one", "没有数据，取默认年份"),
    "industry": ("industry   {industry}", "产业   {industry}"),
    "reported": ("taken from the figures as printed", "直接采用的数据"),
    "derived": ("computed from the figures", "由数据推算"),
    "assumed": (
        "assumed: each is a range with its reason in the file; replace what you know better",
        "假设（文件中均有区间和理由，有更可靠的数请替换）",
    ),
    "unused": ("figures that nothing starts from", "未用于起始值的数据"),
    "goal": ("an aim: a [[goal]] of the baseline, never a starting value", "目标：写入基线的 [[goal]]，不作起始值"),
    "size": (
        "no figure of output_value or operating_revenue for a year: the size of the cluster is itself assumed",
        "没有可用的产值或营业收入数：集群规模本身是假设值",
    ),
    "next": ("next", "下一步"),
}


def pick(key: str, lang: str) -> str:
    """Return one of the words in a language."""
    return WORDS[key][lang == "zh"]


def spread(low: float | None, high: float | None, unit: str, lang: str) -> str:
    """Return a range, or nothing."""
    return "" if low is None or high is None else f"{format_value(low, unit, lang)} … {format_value(high, unit, lang)}"


def counted(origins: Sequence[Origin], lang: str) -> str:
    """Return how many numbers are known in which way."""
    kinds: Counter[str] = Counter(item.kind for item in origins)
    if lang == "zh":
        return "，".join(f"{name_zh}{kinds[kind]}项" for kind, (_, name_zh) in KINDS.items())
    return ", ".join(f"{kinds[kind]} {name}" for kind, (name, _) in KINDS.items())


# --- new ---------------------------------------------------------------------------------------------------


def made_text(made: Made, lang: str) -> str:
    """Return what ``place new`` tells: files, base year, what each number rests on, and the commands to go on."""
    lines = [f"{pick('wrote', lang)}  {shown_path(path)}" for path in made.files]
    lines += ["", pick("year", lang).format(year=made.start.year, why=_why_year(made, lang))]
    lines.append(pick("industry", lang).format(industry=made.industry))
    if made.start.headline not in {item.name for item in made.start.values if item.kind != "assumed"}:
        lines.append(pick("size", lang))
    for kind in ("reported", "derived", "assumed"):
        rows = [_row(item, lang) for item in made.start.values if item.kind == kind]
        if rows:
            lines += ["", pick(kind, lang), *(f"  {line}" for line in columns(rows))]
    unused = [
        (item.id, item.variable, pick("goal", lang) if made.baseline and is_goal(item) else why[lang == "zh"])
        for item, why in made.figures.unused(made.start.used)
    ]
    if unused:
        lines += ["", pick("unused", lang), *(f"  {line}" for line in columns(unused))]
    for doubt in made.doubts:
        if doubt.code.startswith("W"):  # that nothing is reported was said above
            lines += ["", doubt.text(lang)]
    return "\n".join([*lines, "", pick("next", lang), *(f"  {line}" for line in _next(made, lang))])


def _why_year(made: Made, lang: str) -> str:
    headline = made.figures.headline()
    if headline is not None:
        return pick("year_fact", lang).format(fact=headline[1].id)
    return pick("year_levels" if made.figures.base_year() else "year_none", lang)


def _row(item: Starting, lang: str) -> tuple[str, ...]:
    unit = UNITS[item.name]
    behind = spread(item.low, item.high, unit, lang) if item.kind == "assumed" else ", ".join(item.facts)
    return item.name, format_value(item.value, unit, lang), behind, item.why[lang == "zh"]


def _next(made: Made, lang: str) -> list[str]:
    language = " --lang zh" if lang == "zh" else ""
    found = [f"countysim place check {made.id}{language}", f"countysim place show {made.id} --assumed{language}"]
    if made.baseline is not None:
        idea = f"{made.id}-idea"
        found += [
            f"countysim scenario new {idea} --from {made.baseline}{language}",
            f"countysim run {made.baseline} {idea} -n 24",
            f"countysim compare {idea} {made.baseline}{language}",
        ]
    return found


# --- list --------------------------------------------------------------------------------------------------


def listing() -> list[dict[str, Any]]:
    """Return every place with its industry and how its numbers are known; sets of places and broken files as such."""
    found: list[dict[str, Any]] = []
    for identifier in known_inputs("places"):
        try:
            known = read_place(identifier)
        except UserError as error:
            found.append({"id": identifier, "problem": str(error).splitlines()[0]})
            continue
        place = known.place
        kinds: Counter[str] = Counter(item.kind for item in known.origins)
        found.append(
            {
                "id": identifier,
                "name": place.name,
                "name_zh": place.name_zh,
                "industry": place.industry,
                "industry_zh": place.industry_zh,
                "base_year": place.start.base_year,
                **{kind: kinds[kind] for kind in KINDS},
            }
        )
    return found + [{"id": identifier, "set": True} for identifier in known_sets()]


def listing_text(found: Sequence[dict[str, Any]], lang: str) -> str:
    """Return the list of places as text."""
    zh = lang == "zh"
    head = ("编号", "名称", "产业", "基年", "已公布", "推算", "假设") if zh else (
        "id", "name", "industry", "year", "reported", "computed", "assumed"
    )  # fmt: skip
    rows: list[tuple[str, ...]] = [head]
    for item in found:
        if "problem" in item:
            rows.append((item["id"], f"countysim place check {item['id']}"))
        elif "set" in item:
            rows.append((item["id"], "多地合集" if zh else "set of places"))
        else:
            name, industry = (item[key + "_zh" if zh else key] for key in ("name", "industry"))
            counts = [str(item[kind]) for kind in KINDS]
            rows.append((item["id"], name, industry, str(item["base_year"]), *counts))
    return "\n".join(columns(rows))


# --- show --------------------------------------------------------------------------------------------------


def origins_of(identifier: str) -> tuple[Origin, ...]:
    """Return where the numbers of a place, or of a set of places, come from."""
    if identifier in known_sets():
        return load_set(identifier).origins
    return place_origins(identifier)


def origins_text(identifier: str, origins: Sequence[Origin], lang: str, *, assumed: bool) -> str:
    """Return a table of starting values, each with its kind, range and origin."""
    zh = lang == "zh"
    chosen = [item for item in origins if not assumed or item.kind == "assumed"]
    head = (
        ("起始值", "数值", "依据", "区间", "出处或理由") if zh else ("starts from", "value", "kind", "range", "origin")
    )
    rows: list[tuple[str, ...]] = [head]
    for item in chosen:
        value, span = format_value(item.value, item.unit, lang), spread(item.low, item.high, item.unit, lang)
        rows.append((item.name, value, KINDS[item.kind][zh], span, item.text))
    title = f"{identifier}{'：' if zh else ': '}{counted(origins, lang)}"
    return "\n".join([title, *(f"  {line}" for line in columns(rows))])


# --- check -------------------------------------------------------------------------------------------------


def checked_text(identifier: str, origins: Sequence[Origin], lang: str) -> str:
    """Return the line that says a place can be used."""
    count, kinds = len(origins), counted(origins, lang)
    if lang == "zh":
        return f"{identifier}：可用。起始值{count}项：{kinds}（countysim place show {identifier} --assumed --lang zh）"
    return f"{identifier}: ok. {count} numbers: {kinds} (countysim place show {identifier} --assumed)"
