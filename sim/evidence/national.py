"""Groups of industries that national statistics know, and which published series speak of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.errors import UserError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.evidence.series import Observation, Series


@dataclass(frozen=True)
class Group:
    """Industries that meet the same national demand.

    ``id`` is as ``group`` in ``industries.toml`` and in the segments of a world, empty for industry as a whole.
    """

    id: str
    name: str
    name_zh: str


ALL: Final = "all"
"""How a reader asks for industry as a whole."""

GROUPS: Final = {
    row[0]: Group(*row)
    for row in (
        ("", "All industry", "全部工业"),
        ("metal", "Metal products", "金属制品"),
        ("machinery", "Machinery", "机械"),
        ("liquor", "Liquor", "酒"),
        ("food", "Food", "食品"),
        ("electronics", "Electronics", "电子"),
        ("textiles", "Textiles and clothing", "纺织服装"),
        ("light", "Light industry", "轻工"),
        ("medicine", "Medicine", "医药"),
        ("building-materials", "Building materials", "建材"),
        ("chemicals", "Chemicals", "化工"),
    )
}
"""Groups by id, industry as a whole first."""

SUBJECTS: Final = {
    "ind_all": ("", "all industry", "全部工业"),
    "mfg": ("", "manufacturing", "制造业"),
    "manufacturing": ("", "manufacturing", "制造业"),
    "gdp": ("", "GDP", "国内生产总值"),
    "ind31_ferrous": ("", "ferrous metals (31)", "黑色金属冶炼和压延加工业（31）"),
    "ppi": ("", "producer prices", "工业生产者出厂价格"),
    "ppi_ferrous": ("", "producer prices of ferrous metals", "黑色金属冶炼和压延加工业出厂价格"),
    "exports_goods_cny": ("", "exports of goods in yuan", "货物出口额（人民币）"),
    "wage_abovescale_production_workers": ("", "wage of production workers", "生产制造人员平均工资"),
    "ind33_metal": ("metal", "metal products (33)", "金属制品业（33）"),
    "ind_hardware": ("metal", "hardware", "五金制品"),
    "ind_machinery": ("machinery", "machinery industry", "机械工业"),
    "ind34_general_equipment": ("machinery", "general equipment (34)", "通用设备制造业（34）"),
    "baijiu": ("liquor", "white liquor", "白酒"),
    "liquor": ("liquor", "liquor", "酿酒行业"),
    "ind15_beverage": ("liquor", "liquor, beverages and tea (15)", "酒、饮料和精制茶制造业（15）"),
    "ind14_foodmfg": ("food", "food manufacturing (14)", "食品制造业（14）"),
    "ind13_farmfood": ("food", "farm produce processing (13)", "农副食品加工业（13）"),
    "ind_food_3div": ("food", "food industry (13 to 15)", "食品工业（13至15）"),
    "ind_food_incl_tobacco": ("food", "food industry with tobacco", "食品工业（含烟草）"),
    "ind39_electronics": ("electronics", "electronics (39)", "电子制造业（39）"),
    "ind_textile_chain": ("textiles", "textiles, clothing and fibres", "纺织全行业"),
    "ind17_textile": ("textiles", "textiles (17)", "纺织业（17）"),
    "ind_light": ("light", "light industry", "轻工业"),
    "ind19_leather": ("light", "leather and footwear (19)", "皮革制鞋业（19）"),
    "ind27_medicine": ("medicine", "medicine (27)", "医药制造业（27）"),
    "ind_tcm": ("medicine", "Chinese medicine", "中药"),
    "ind_tcm_pieces": ("medicine", "prepared herbs", "中药饮片"),
    "ind_tcm_proprietary": ("medicine", "Chinese patent medicine", "中成药"),
    "ind_building_materials": ("building-materials", "building materials", "建材行业"),
    "ind30_nonmetallic": ("building-materials", "non-metallic minerals (30)", "非金属矿物制品业（30）"),
    "ind_chemical": ("chemicals", "chemicals", "化学工业"),
    "ind_petrochem": ("chemicals", "oil and chemicals", "石油和化工行业"),
    "ind26_chemicals": ("chemicals", "chemicals (26)", "化学原料和化学制品制造业（26）"),
}
"""First parts of the names of series, with the group they speak of and what they are about, in both languages."""

MEASURES: Final = {
    "growth": ("", ""),
    "revenue_growth": ("revenue", "营业收入"),
    "revenue_level_growth": ("revenue, levels as printed", "营业收入（绝对额之比）"),
    "profit_growth": ("profit", "利润"),
    "profit_level_growth": ("profit, levels as printed", "利润（绝对额之比）"),
    "output_growth": ("volume of output", "产量"),
    "real_growth": ("at constant prices", "不变价"),
    "nominal_growth": ("at current prices", "现价"),
    "va_real_growth": ("value added at constant prices", "增加值（不变价）"),
    "va_nominal_growth": ("value added at current prices", "增加值（现价）"),
}
"""Last parts of the names of series that are growth, with what grows."""


@dataclass(frozen=True)
class NationalFigure:
    """Published growth of one industry in one period; ``label`` is in English and Chinese."""

    group: Group
    series: str
    label: tuple[str, str]
    observation: Observation


def find_group(identifier: str) -> Group:
    """Return a group by id (``all`` is industry as a whole); raise ``UserError`` naming the nearest one."""
    key = "" if identifier == ALL else identifier
    if key not in GROUPS:
        known = [name or ALL for name in GROUPS]
        hint = nearest(identifier, known)
        raise UserError(f'no group of industries is called "{identifier}"\n    {hint}known: {", ".join(known)}')
    return GROUPS[key]


def national_figures(series: Mapping[str, Series], groups: tuple[str, ...] = tuple(GROUPS)) -> list[NationalFigure]:
    """Return the published growth of groups of industries, by group, series and period."""
    found = []
    for name, item in series.items():
        for subject, measure in _parts(name):
            group, *about = SUBJECTS[subject]
            if group in groups and item.is_rate:
                words = MEASURES[measure]
                label = (_joined(", ", about[0], words[0]), _joined("：", about[1], words[1]))
                found += [NationalFigure(GROUPS[group], name, label, row) for row in item.observations]
    order = {name: number for number, name in enumerate(GROUPS)}
    return sorted(found, key=lambda figure: (order[figure.group.id], figure.series, figure.observation.start))


def _parts(name: str) -> Iterator[tuple[str, str]]:
    """Yield subject and measure of a series that is growth of something known."""
    plain = re.sub(r"_nbs$", "", name)
    for subject in SUBJECTS:
        measure = plain.removeprefix(f"{subject}_")
        if plain.startswith(f"{subject}_") and measure in MEASURES:
            yield subject, measure


def _joined(between: str, *parts: str) -> str:
    return between.join(part for part in parts if part)
