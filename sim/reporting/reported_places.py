"""Which places of a run a figure is about: one place, or a set of places reported together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class PlaceSet:
    """Places that an article adds up.

    Attributes
    ----------
    file
        Name of the file of the set the places belong to.
    province
        Two-digit code of the province they lie in.
    whole
        Number of places the province's count has: only a run with all of them can answer.
    members
        Ids of the places meant; empty for all.
    """

    file: str
    province: str
    whole: int
    name: str
    name_zh: str
    members: tuple[str, ...] = ()


FIRST_TEN: Final = (
    *("xinghuacun", "dingxiang", "taigu", "wanrong", "qixian"),
    *(f"shanxi-synthetic-{number:03d}" for number in range(1, 6)),
)
"""The list ``first_ten`` of the set of Shanxi's towns."""

SETS: Final[dict[str, PlaceSet]] = {
    "hebei-clusters": PlaceSet("hebei-clusters", "13", 269, "the 269 clusters of Hebei", "河北269个产业集群"),
    "shanxi-towns": PlaceSet("shanxi-towns", "14", 92, "the 92 characteristic towns of Shanxi", "山西92个特色专业镇"),
    "shanxi-first-ten": PlaceSet(
        "shanxi-towns", "14", 92, "the first ten provincial towns of Shanxi", "山西首批10个省级特色专业镇", FIRST_TEN
    ),
}
"""Sets of places that figures are reported for; how many they hold is itself reported (``hb-clusters-2019``,
``sx-towns-2023``)."""


@dataclass(frozen=True)
class Missing:
    """Why a run cannot say anything about a place."""

    en: str
    zh: str


def positions_of(place: str, places: tuple[str, ...], provinces: tuple[str, ...]) -> tuple[int, ...] | Missing:
    """Return the positions in a run of the places a figure is about, or why there are none.

    Parameters
    ----------
    place
        Place of the figure, or one of ``SETS``.
    places, provinces
        Of the run, in its order.
    """
    if place in places:
        return (places.index(place),)
    if place not in SETS:
        return Missing("this place is not simulated", "推演不含该地区")
    meant = SETS[place]
    there = tuple(position for position, code in enumerate(provinces) if code == meant.province)
    if not there:
        return Missing("none of these places is simulated", "推演不含这些地区")
    if len(there) < meant.whole:
        en = f"only {len(there)} of {meant.whole} places are simulated"
        return Missing(en, f"{meant.whole}个地区中只推演了{len(there)}个")
    return tuple(position for position in there if not meant.members or places[position] in meant.members)
