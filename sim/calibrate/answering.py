"""Which baseline answers for a place when figures of it are scored, and whether a figure is of its industry.

A county has more industries than the one its baseline is about.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from sim import workspace
from sim.calibrate.questions import own_places
from sim.errors import UserError
from sim.parameters.industries import load_industries
from sim.reporting.recipes import SETS
from sim.scenario.loader import load
from sim.scenario.scenario_files import known_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sim.evidence import Fact
    from sim.scenario.resolved import Scenario

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


@dataclass(frozen=True)
class Answering:
    """A baseline and the places, or sets of places, it answers for.

    Attributes
    ----------
    fit
        Name of the fit its file asks for; "" without one.
    overrides
        What is changed of its file: where it starts earlier than the file says.
    """

    id: str
    scenario: Scenario
    places: tuple[str, ...]
    fit: str
    overrides: tuple[str, ...] = ()

    def industry_of(self, place: str) -> str:
        """Return the industry of a place; ``all`` of a set of places."""
        found = {item.industry for item in self.scenario.places if item.id == place}
        return found.pop() if found else "all"


@dataclass(frozen=True)
class Broken:
    """A baseline that cannot be read, the place its file names ("" for several), and what is wrong."""

    id: str
    place: str
    problem: str

    @property
    def line(self) -> str:
        """The problem in one line."""
        return f"{self.id}: {self.problem.splitlines()[0]}"


def answering_baselines() -> tuple[tuple[Answering, ...], tuple[Broken, ...]]:
    """Return every baseline there is, those of the workspace before the library's, and those that cannot be read."""
    found, problems, files = [], [], known_files()
    for identifier, path in files.items():
        head = _baseline_head(path.read_bytes())
        if head is None:
            continue
        try:
            loaded = load(identifier)
            scenario = loaded.scenario
            found.append(Answering(identifier, scenario, own_places(scenario), loaded.calibration or ""))
        except UserError as error:
            problems.append(Broken(identifier, str(head.get("place", "")), str(error)))
    order = workspace.folders("scenarios")
    return tuple(sorted(found, key=lambda item: (order.index(files[item.id].parent), item.id))), tuple(problems)


def all_baselines() -> dict[str, Scenario]:
    """Return the baseline of every place or set that has one, by its id, in the order of their files.

    A place in several baselines counts with the one it is alone in; of two of the same places the first by name.

    Raises
    ------
    UserError
        If a baseline cannot be read.
    """
    known, broken = answering_baselines()
    if broken:
        raise UserError(broken[0].problem)
    found: dict[str, Scenario] = {}
    for item in known:
        if item.places:
            found.setdefault(item.places[0], item.scenario)
    return found


def _baseline_head(content: bytes) -> Mapping[str, Any] | None:
    """Return what a file says when it says it is a baseline; one that is no TOML says nothing."""
    try:
        data = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return data if data.get("kind") == "baseline" else None


def baseline_for(place: str, baselines: Sequence[Answering]) -> Answering | None:
    """Return the baseline that answers for a place: of several the one with the fewest places, then one with a fit."""
    those = [item for item in baselines if place in item.places]
    return min(those, key=lambda item: (len(item.scenario.places), not item.fit), default=None)


def require_readable(places: Iterable[str], baselines: Sequence[Answering], broken: Sequence[Broken]) -> None:
    """Raise ``UserError`` when the own baseline of a place cannot be read: no larger one answers in its stead."""
    wrong = []
    for place in places:
        chosen = baseline_for(place, baselines)
        if chosen is None or len(chosen.scenario.places) > 1:
            wrong += [item.problem for item in broken if item.place == place]
    if wrong:
        raise UserError("\n".join(dict.fromkeys(wrong)))


def known_places(baselines: Sequence[Answering], broken: Sequence[Broken] = ()) -> tuple[str, ...]:
    """Return every place and set of places that a baseline answers for, or would if it could be read."""
    return tuple(
        sorted({place for item in baselines for place in item.places} | {item.place for item in broken} - {""})
    )


def meant(word: str, known: Iterable[str], *, chinese: bool = False) -> str:
    """Return the question whether the known word nearest to one was meant, "" when none is near."""
    close = get_close_matches(word, list(known), n=1)
    if not close:
        return ""
    return f"；是否为“{close[0]}”？" if chinese else f'; did you mean "{close[0]}"?'


def require_places(asked: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the places asked for; none or ``all`` for all known ones.

    Raises
    ------
    UserError
        Naming every place that is not known, with the nearest that is.
    """
    names = tuple(known)
    if not asked or "all" in asked:
        return names
    unknown = [place for place in asked if place not in names]
    if unknown:
        lines = [f'no place "{place}"{meant(place, names)}' for place in unknown]
        raise UserError("\n".join([*lines, f"     known: {', '.join(names)}"]))
    return tuple(dict.fromkeys(asked))


def place_names(place: str, baselines: Sequence[Answering]) -> tuple[str, str]:
    """Return what a place or set is called in English and Chinese; its id when no baseline knows it."""
    if place in SETS:
        return SETS[place].name, SETS[place].name_zh
    for baseline in baselines:
        for item in baseline.scenario.places:
            if item.id == place:
                return item.name or place, item.name_zh or item.name or place
    return place, place


# --- the industry a figure is of ---


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
