"""The numbers a place starts from: names, units, and what they can be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.evidence.variables import variable_label
from sim.units import Uncertain, highest, lowest

if TYPE_CHECKING:
    from collections.abc import Mapping

Amount = float | Uncertain
"""A starting value: one number, or a range from which each replicate draws."""


TOTALS = ("output_value", "operating_revenue")
"""Exactly one of them is given: what the place reports."""
TIERS = ("maker_share", "supplier_share", "trader_share")


def _start(unit: str, meaning: str, meaning_zh: str, *, label_zh: str = "", zero: bool = False, **default: Any) -> Any:
    """Describe a starting value.

    Parameters
    ----------
    meaning, meaning_zh
        Comment above it in a new file.
    label_zh
        What Chinese readers call it, where that is not the label of the variable of its name.
    zero
        It may be 0; so may one that is 0 when it is left out.
    default
        ``default=``: what it is when it is left out.
    """
    more: Any = {
        "unit": unit,
        "meaning": (meaning, meaning_zh),
        "label_zh": label_zh,
        "zero": zero or default == {"default": 0.0},
    }
    return Field(json_schema_extra=more, **default)


class PlaceStart(BaseModel):
    """The numbers a place starts from; flows are of the base year.

    ``base_year`` is the calendar year that the other numbers describe and that the model's first year is anchored to.
    Left out, ``lead_firms`` and ``lead_share`` say that there is no lead firm, ``piece_share`` and
    ``piece_share_abroad`` that nobody buys by the piece.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    base_year: int
    businesses: Amount = _start("count", "makers, suppliers and traders together", "经营主体数：生产、配套、贸易合计")
    maker_share: Amount = _start(
        "share",
        "makers of the core product; the three shares add up to 1",
        "其中生产企业占比；三项之和为1",
        label_zh="生产企业占比",
    )
    supplier_share: Amount = _start(
        "share", "suppliers of parts and services", "其中配套企业占比", label_zh="配套企业占比", zero=True
    )
    trader_share: Amount = _start("share", "local traders", "其中本地贸易商占比", label_zh="商贸企业占比", zero=True)
    output_value: Amount | None = _start(
        "yuan", "output value of the core product, made by the makers", "产值：生产企业的主导产品", default=None
    )
    operating_revenue: Amount | None = _start(
        "yuan", "operating revenue of makers, suppliers and traders", "营业收入：生产、配套、贸易合计", default=None
    )
    employment_reported: Amount = _start(
        "persons", "persons as the county counts them", "从业人员：按本县口径", label_zh="公布的从业人员"
    )
    exports: Amount = _start("yuan", "direct exports", "直接出口额", zero=True)
    national_market_share: Amount = _start(
        "share", "share of the national market, by volume", "全国市场占有率（按产量）"
    )
    global_market_share: Amount = _start("share", "share of the world market, by volume", "全球市场占有率（按产量）")
    export_destinations: Amount = _start("count", "countries and regions exported to", "出口国家和地区数", zero=True)
    size_tail_index: Amount = _start(
        "index", "how unequal large firms are; lower is more unequal", "大企业规模分布的尾指数，越小越不均"
    )
    above_scale_firms: Amount = _start(
        "count", "makers with revenue of at least 20 million yuan", "规上企业数：年主营业务收入2000万元以上", zero=True
    )
    domestic_buyers: Amount = _start(
        "count", "firms at home that buy the product", "国内采购商数", label_zh="国内采购商数"
    )
    foreign_buyers: Amount = _start(
        "count", "firms abroad that buy it", "国外采购商数", label_zh="国外采购商数", zero=True
    )
    wage: Amount = _start("yuan/year", "a worker's yearly wage", "职工年平均工资")
    county_balance: Amount = _start(
        "yuan",
        "opening balance of the county's programme account",
        "县级项目资金期初余额",
        label_zh="县级项目资金余额",
        zero=True,
    )
    lead_firms: Amount = _start("count", "lead firms", "龙头企业数", label_zh="龙头企业数", default=0.0)
    lead_share: Amount = _start(
        "share",
        "share of makers' output that the lead firms make together",
        "龙头企业产值占比",
        label_zh="龙头企业产值占比",
        default=0.0,
    )
    piece_share: Amount = _start(
        "share",
        "share of buyers at home that buy by the piece and ask for high quality; the rest buy by weight",
        "国内按件采购的客户占比",
        label_zh="按件采购的国内采购商占比",
        default=0.0,
    )
    piece_share_abroad: Amount = _start(
        "share",
        "the same, of buyers abroad",
        "国外按件采购的客户占比",
        label_zh="按件采购的国外采购商占比",
        default=0.0,
    )

    @model_validator(mode="after")
    def _possible(self) -> PlaceStart:
        given = [name for name in TOTALS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"needs one of {' and '.join(TOTALS)}, and not both")
        for name in UNITS:
            if name not in TOTALS or name in given:
                _check_possible(name, getattr(self, name))
        shares = [getattr(self, name) for name in TIERS]
        if not any(isinstance(share, Uncertain) for share in shares) and abs(math.fsum(shares) - 1) > 1e-9:
            raise ValueError(f"{' + '.join(TIERS)} add up to {math.fsum(shares):.10g}, not 1")
        return self

    @property
    def headline(self) -> str:
        """Name of the total that the place gives."""
        return TOTALS[self.output_value is None]

    @property
    def headline_total(self) -> Amount:
        """Yuan the place reports for the base year: output value of its makers, or operating revenue of all."""
        total: Amount = getattr(self, self.headline)
        return total

    def uncertain(self) -> dict[str, Uncertain]:
        """Return the values that are ranges, by name."""
        return {name: getattr(self, name) for name in UNITS if isinstance(getattr(self, name), Uncertain)}

    def with_values(self, values: Mapping[str, float]) -> PlaceStart:
        """Return a checked copy with some values replaced, as when a replicate has drawn its own."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return PlaceStart(**{**fields, **values})


_ROWS: dict[str, Any] = {
    name: field.json_schema_extra for name, field in PlaceStart.model_fields.items() if name != "base_year"
}
UNITS: dict[str, str] = {name: row["unit"] for name, row in _ROWS.items()}
"""Plain unit of every starting value, in the order in which they are listed."""
MEANINGS: dict[str, tuple[str, str]] = {name: row["meaning"] for name, row in _ROWS.items()}
"""What each is, in English and Chinese."""


def start_name(name: str, language: str) -> str:
    """Return what a reader calls a starting value."""
    return (language == "zh" and _ROWS[name]["label_zh"]) or variable_label(name, language)


def _check_possible(name: str, value: Amount) -> None:
    if not (math.isfinite(lowest(value)) and math.isfinite(highest(value))):
        raise ValueError(f"{name} is not a finite number")
    zero = _ROWS[name]["zero"]
    if lowest(value) < 0 or (lowest(value) == 0 and not zero):
        raise ValueError(f"{name} must be {'at least' if zero else 'above'} 0")
    if UNITS[name] == "share" and highest(value) > 1:
        raise ValueError(f"{name} must be at most 1")


@dataclass(frozen=True)
class Origin:
    """Where a starting value comes from.

    Attributes
    ----------
    value
        The value used, or the middle of its range, in the plain ``unit``.
    kind
        ``reported``, ``derived`` or ``assumed``.
    text
        Figure, period and source; or the arithmetic; or why it was assumed.
    low, high
        Prior range for a calibration; None when the file gives none.
    facts
        Reported figures behind it.
    """

    name: str
    value: float
    unit: str
    kind: Literal["reported", "derived", "assumed"]
    text: str
    low: float | None
    high: float | None
    facts: tuple[str, ...]
