"""Whether a figure is of the industry its place's baseline is about: a county has more than one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sim.parameters.industries import load_industries

if TYPE_CHECKING:
    from sim.calibrate.answering import Answering
    from sim.evidence import Fact

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "baijiu": ("baijiu", "liquor", "spirit", "白酒", "酒业", "酿酒", "汾酒"),
    "bearing-forging": ("bearing", "forging", "forged", "轴承", "锻造", "锻件"),
    "building-materials": ("building material", "建材", "建筑材料"),
    "cashmere": ("cashmere", "wool", "textile", "羊绒", "毛纺", "纺织"),
    "chemicals": ("chemical", "化工"),
    "chinese-medicine": ("chinese medicine", "medicinal", "herb", "herbal", "tcm", "中药", "中医药", "药材"),
    "concrete-admixtures": ("admixture", "chemical admixture", "concrete additive", "外加剂"),
    "cookware": ("cookware", "cooking pot", "cast iron", "炊具", "铸铁", "锅具"),
    "displays": ("display", "oled", "显示"),
    "fasteners": ("fastener", "standard part", "bolt", "screw", "hardware", "紧固件", "标准件", "螺栓", "五金"),
    "flanges": ("flange", "forging", "forged", "法兰", "锻造", "锻件"),
    "food": ("food", "foodstuff", "食品"),
    "furniture": ("furniture", "家具"),
    "glassware": ("glassware", "glass", "玻璃"),
    "luggage": ("luggage", "bag", "suitcase", "箱包"),
    "machinery": ("machinery", "机械"),
    "malleable-iron": ("malleable", "cast iron", "pipe fitting", "玛钢", "铸铁", "管件"),
    "rubber-plastics": ("rubber", "plastic", "橡塑", "橡胶", "塑料"),
    "textiles": ("textile", "clothing", "garment", "纺织", "服装"),
    "wire-mesh": ("wire mesh", "wiremesh", "wire cloth", "wire netting", "mesh", "丝网"),
}
"""Words by which an industry is known, hyphens as spaces and in the singular. Where a text holds a word of another
industry as well ("food machinery"), it is of the other, unless the word is shared."""
EVERYTHING: Final = frozenset({"all", "several", "various", "multiple", "全部", "所有", "多个", "各"})
SAYS_NOTHING: Final = re.compile(
    r"\b(the|of|and|new|industry|industries|sector|clusters?|characteristic|manufacturing|processing|making|products?"
    r"|county|towns?|city)\b|特色|产业集群|集群|产业|行业|制造业|专业镇"
)


def other_industry(fact: Fact, baseline: Answering) -> tuple[str, str] | None:
    """Return why a figure of another industry is not asked of a place's baseline; None where it is of its own."""
    own = baseline.industry_of(fact.place)
    said = plain(fact.industry)
    if not said or said in EVERYTHING:
        return None
    if own != "all":
        chinese = next(item.industry_zh for item in baseline.scenario.places if item.id == fact.place)
        if said_to_be(said, own, chinese):
            return None
    name = "all industries together" if own == "all" else own.replace("-", " ")
    name_zh = "全部产业" if own == "all" else load_industries()[own].name_zh if own in load_industries() else own
    return (
        f'the baseline of {fact.place} is of {name}; this figure is of "{fact.industry}"',
        f"{fact.place}的基准方案对应{name_zh}，该数属于“{fact.industry}”",
    )


def plain(text: str) -> str:
    """Return the words that say which industry: small letters, singular, no hyphens, no "industry" and the like."""
    words = SAYS_NOTHING.sub(" ", re.sub(r"[\W_]+", " ", text.casefold())).split()
    return " ".join(_singular(word) for word in words)


def said_to_be(said: str, own: str, chinese: str) -> bool:
    """Whether words (as of ``plain``) name an industry, by its id, its names or a usual word for it."""
    known = load_industries()
    names = [own, chinese, *([known[own].name, known[own].name_zh] if own in known else [])]
    if said in {plain(name) for name in names}:
        return True
    words = (*WORDS.get(own, ()), *(plain(name) for name in names))
    foreign = {word for other, those in WORDS.items() if other != own for word in those}
    foreign -= {word for word in foreign if any(word in mine for mine in words)}
    return any(_holds(said, word) for word in words) and not any(_holds(said, word) for word in foreign)


def _holds(said: str, word: str) -> bool:
    """Whether words hold a word: an English one whole, a Chinese one anywhere."""
    return f" {word} " in f" {said} " if word.isascii() else word in said


def _singular(word: str) -> str:
    return word[:-1] if word.isascii() and len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
