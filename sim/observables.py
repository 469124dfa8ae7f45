"""What the model measures: name, unit, and how months aggregate to a year.

Every table, figure and file names a variable by its ``name`` here. Values are in the plain unit
(yuan, persons, tonnes); the reader's unit (billion yuan, 亿元) is chosen when a value is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Aggregate = Literal["sum", "last", "mean"]
Good = Literal["higher", "lower", "none"]


@dataclass(frozen=True)
class Observable:
    """One measured variable of a place.

    Parameters
    ----------
    name
        Stable snake_case name used in files.
    label, label_zh
        What a reader sees.
    unit
        Plain unit of the stored value: ``yuan``, ``persons``, ``count``, ``tonnes``, ``share``, ``index``,
        ``yuan/year`` or ``orders``.
    aggregate
        How twelve months make a year: a flow is summed, a stock takes the last month, a ratio the mean.
    good
        Which direction a county would call better.
    basis
        Statistical basis, printed wherever the figure is compared with a reported one.
    headline
        Shown in the default comparison table.
    """

    name: str
    label: str
    label_zh: str
    unit: str
    aggregate: Aggregate
    good: Good = "none"
    basis: str = ""
    headline: bool = False


OBSERVABLES: tuple[Observable, ...] = (
    # --- output and money made ---
    Observable("output_value", "output value", "产值", "yuan", "sum", "higher", "makers of the core product; current prices", True),
    Observable("operating_revenue", "operating revenue", "营业收入", "yuan", "sum", "higher", "makers, suppliers and traders; current prices"),
    Observable("value_added", "value added", "增加值", "yuan", "sum", "higher", "makers and suppliers; output less materials; current prices"),
    Observable("exports", "exports", "出口额", "yuan", "sum", "higher", "direct exports; current prices", True),
    Observable("tax_paid", "tax paid", "上缴税金", "yuan", "sum", "higher", "value-added tax, surcharges and income tax; all levels", True),
    Observable("wages_paid", "wages paid", "工资总额", "yuan", "sum", "higher", "gross of social insurance"),
    Observable("profit", "profit", "利润总额", "yuan", "sum", "higher", "before income tax; makers"),
    Observable("profit_rate", "profit margin", "利润率", "share", "mean", "higher", "profit over revenue; makers; last twelve months"),
    Observable("loss_making_share", "loss-making share", "亏损面", "share", "last", "lower", "makers with a loss over the last twelve months"),
    Observable("output_real", "output at base-year prices", "产值（可比价）", "yuan", "sum", "higher", "makers; prices of the base year"),
    Observable("price_index", "product price index", "出厂价格指数", "index", "mean", "none", "output-weighted; base year = 1"),
    Observable("unit_cost_index", "unit cost index", "单位成本指数", "index", "mean", "lower", "output-weighted; base year = 1"),
    # --- people ---
    Observable("employment", "employment", "从业人员", "persons", "last", "higher", "workers of makers, suppliers and traders in the model", True),
    Observable("employment_makers", "employment at makers", "生产企业从业人员", "persons", "last", "higher", "workers of makers"),
    Observable("wage", "wage", "平均工资", "yuan/year", "mean", "higher", "yearly wage in the county's cluster"),
    Observable("unfilled_jobs", "unfilled jobs", "用工缺口", "persons", "mean", "lower", "vacancies the labour pool could not fill"),
    Observable("labour_productivity", "output per worker", "人均产值", "yuan/year", "mean", "higher", "makers; yearly rate"),
    # --- firms ---
    Observable("businesses", "businesses", "经营主体数", "count", "last", "higher", "makers, suppliers and traders", True),
    Observable("makers", "makers", "生产企业数", "count", "last", "higher", "makers of the core product"),
    Observable("above_scale_firms", "above-scale firms", "规上企业数", "count", "last", "higher", "makers with revenue of at least 20 million yuan over the last twelve months", True),
    Observable("entries", "entries", "新设企业", "count", "sum", "higher", "new businesses"),
    Observable("exits", "exits", "退出企业", "count", "sum", "lower", "closed businesses"),
    Observable("exits_insolvent", "insolvent exits", "资不抵债退出", "count", "sum", "lower", "closed for want of money"),
    Observable("gini_sales", "Gini of sales", "销售基尼系数", "share", "last", "none", "makers; last twelve months"),
    Observable("top_ten_share", "ten largest firms' share", "前十企业占比", "share", "last", "none", "share of makers' revenue; last twelve months"),
    Observable("size_tail_index", "tail index of firm size", "企业规模尾指数", "index", "last", "none", "Hill estimate on the largest 2 percent of makers by revenue"),
    Observable("capacity_use", "capacity use", "产能利用率", "share", "mean", "none", "makers; output over full capacity"),
    # --- markets ---
    Observable("national_share", "share of national volume", "全国市场占有率", "share", "mean", "higher", "volume of the cluster over volume of all domestic producers"),
    Observable("domestic_sales", "domestic sales", "内销额", "yuan", "sum", "higher", "makers and traders to domestic buyers; current prices"),
    Observable("export_destinations", "export destinations", "出口国家和地区数", "count", "last", "higher", "countries with at least one active link"),
    Observable("exporters", "exporting firms", "出口企业数", "count", "last", "higher", "makers and traders with a foreign link"),
    Observable("domestic_links", "domestic buyer links", "国内客户关系数", "count", "last", "higher", "active buyer-supplier links"),
    Observable("foreign_links", "foreign buyer links", "国外客户关系数", "count", "last", "higher", "active buyer-supplier links"),
    Observable("link_survival", "link survival", "客户关系留存率", "share", "mean", "higher", "share of links alive a year earlier and still alive"),
    # --- fair and exhibition funnel ---
    Observable("fair_booths_used", "fair booths used", "展位使用数", "count", "sum", "none", "booths taken by exhibitors"),
    Observable("fair_exhibitors", "fair exhibitors", "参展企业", "count", "sum", "higher", "firms with a booth"),
    Observable("fair_buyers", "fair buyers", "到会采购商", "count", "sum", "higher", "buyers who came"),
    Observable("fair_contacts", "fair contacts", "洽谈", "count", "sum", "higher", "booth visits"),
    Observable("fair_intended_orders", "fair intended orders", "意向订单", "yuan", "sum", "higher", "stated at the fair; intended, not signed"),
    Observable("fair_contracts", "fair contracts", "签约", "yuan", "sum", "higher", "trial orders signed"),
    Observable("fair_delivered", "fair delivered", "交付", "yuan", "sum", "higher", "sales over links made at a fair, first six months"),
    Observable("fair_repeat_orders", "fair repeat orders", "复购", "yuan", "sum", "higher", "sales over links made at a fair, after six months"),
    Observable("exhibition_contacts", "contacts abroad", "境外参展洽谈", "count", "sum", "higher", "buyers met at exhibitions abroad"),
    Observable("exhibition_sales", "sales from exhibitions abroad", "境外参展成交", "yuan", "sum", "higher", "sales over links made at exhibitions abroad"),
    # --- platform, dealers, new plants ---
    Observable("platform_sales", "sales over the platform", "平台成交", "yuan", "sum", "higher", "sales over links made on a digital platform"),
    Observable("dealer_sales", "sales through dealers", "经销网络成交", "yuan", "sum", "higher", "sales over links made by dealers and outlets"),
    Observable("opening_sales", "sales of new plants' customers", "新项目自带订单", "yuan", "sum", "higher", "sales over links a new plant made when it opened"),
    Observable("piece_sales", "sales by the piece", "按件销售额", "yuan", "sum", "higher", "sales to buyers that buy by the piece and ask for quality; the rest is sold by weight"),
    Observable("piece_exports", "exports by the piece", "高端产品出口额", "yuan", "sum", "higher", "of these, exports: the move to high-end exports"),
    # --- platform, cloud, dealers, trade parks: what they reach ---
    Observable("platform_members", "platform members", "平台入驻企业", "count", "last", "none", "firms that have joined a digital platform of the scenario"),
    Observable("platform_contacts", "contacts over platforms", "平台洽谈", "count", "sum", "none", "offers looked at on digital platforms and in e-commerce parks"),
    Observable("cloud_firms", "firms in the cloud", "上云企业", "count", "last", "none", "makers that a drive of the scenario brought to the cloud"),
    Observable("digital_workshops", "digital workshops", "数字化车间", "count", "last", "none", "makers above scale in the cloud that carried out an upgrade"),
    Observable("sales_outlets", "sales outlets at home", "国内经销网点", "count", "last", "none", "dealers and outlets in the country that firms keep"),
    Observable("foreign_outlets", "sales outlets abroad", "境外经销网点", "count", "last", "none", "outlets abroad that firms keep"),
    Observable("overseas_dealers", "dealers abroad", "境外经销商", "count", "last", "none", "dealers abroad that firms keep"),
    Observable("dealer_contacts", "contacts of dealers", "经销网络洽谈", "count", "sum", "none", "buyers' looks at firms' goods with dealers and outlets"),
    Observable("trade_park_tenants", "trade park tenants", "物流与电商园入驻企业", "count", "last", "none", "firms with a place in a logistics or e-commerce park"),
    Observable("trade_park_rent", "trade park rent", "物流与电商园租金", "yuan", "sum", "none", "paid by tenants to the county"),
    # --- park and environment ---
    Observable("park_plots_open", "park plots open", "园区已开放地块", "count", "last", "none", "plots ready for tenants"),
    Observable("park_plots_used", "park plots used", "入园地块", "count", "last", "higher", "plots taken by tenants", True),
    Observable("park_tenants", "park tenants", "入园企业", "count", "last", "higher", "firms on a plot"),
    Observable("park_queue", "park queue", "入园排队企业", "count", "last", "none", "firms that asked for a plot and got none this month"),
    Observable("discharge_untreated", "untreated discharge", "未处理排放", "tonnes", "sum", "lower", "pickling and plating waste water", True),
    Observable("discharge_treated", "treated discharge", "集中处理排放", "tonnes", "sum", "none", "pickling and plating waste water"),
    Observable("inspection_closures", "closures by inspection", "环保停产企业", "count", "sum", "lower", "firms closed for a month"),
    # --- technology and investment ---
    Observable("investment", "equipment investment", "设备投资", "yuan", "sum", "higher", "makers and suppliers; current prices"),
    Observable("capital", "capital stock", "固定资产", "yuan", "last", "higher", "makers; prices of the base year"),
    Observable("upgrades", "technical upgrades", "技改项目数", "count", "sum", "higher", "upgrades carried out"),
    Observable("technology_gap", "distance to the frontier", "技术差距", "index", "mean", "lower", "output-weighted rungs below the frontier"),
    Observable("quality_index", "quality index", "质量指数", "index", "mean", "higher", "output-weighted; relative to producers elsewhere"),
    # --- people trained, firms advised, places designated ---
    Observable("skilled_workers", "workers trained by programmes", "培训在岗人数", "persons", "last", "higher", "trained by a programme of the scenario and still in the cluster"),
    Observable("trained", "people trained", "培训人次", "persons", "sum", "higher", "people who finished a course of a programme of the scenario"),
    Observable("research_projects", "joint research projects", "产学研项目", "count", "sum", "none", "projects of firms with institutes that began"),
    Observable("research_successes", "successful joint projects", "产学研成果", "count", "sum", "higher", "joint projects that bettered the firm's goods"),
    Observable("firms_visited", "firms visited by the upgrade drive", "升级行动走访企业", "count", "sum", "none", "makers visited by an organised upgrade drive"),
    Observable("drive_upgrades", "upgrades of firms visited", "走访企业技改数", "count", "sum", "higher", "successful upgrades of firms the drive visited, seen a month later"),
    Observable("design_services", "firms with a design service", "设计服务企业", "count", "sum", "none", "firms that began a design with the programme"),
    Observable("designs_launched", "designs on the market", "设计成果", "count", "sum", "higher", "designs of the programme that bettered the goods"),
    Observable("designated_towns", "designated towns", "省级专业镇数", "count", "last", "higher", "places designated at provincial level or above"),
    # --- designations and investment projects ---
    Observable("designations", "new designations", "新认定数", "count", "sum", "none", "places or firms designated this month"),
    Observable("designation_applications", "designation applications", "认定申报数", "count", "sum", "none", "places or firms that applied for a designation"),
    Observable("designation_queue", "applicants not designated yet", "待认定数", "count", "last", "none", "applied, not chosen, and applying again at the next batch"),
    Observable("honoured_firms", "firms with an honour", "获认定企业数", "count", "last", "higher", "firms in business that a designation of the scenario honoured"),
    Observable("projects_signed", "projects signed", "签约项目数", "count", "sum", "none", "signed, not built"),
    Observable("projects_signed_value", "value of projects signed", "签约金额", "yuan", "sum", "none", "as announced; signed, not arrived"),
    Observable("projects_started", "projects started", "开工项目数", "count", "sum", "higher", "construction begun"),
    Observable("projects_operating", "projects operating", "投产项目数", "count", "last", "higher", "plants of signed projects in business"),
    Observable("projects_lapsed", "projects lapsed", "未落地项目数", "count", "sum", "lower", "signed and given up without a start"),
    Observable("projects_realised", "project money arrived", "项目到位资金", "yuan", "sum", "higher", "spent on construction of signed projects; current prices"),
    Observable("jobs_projects", "jobs at project plants", "项目企业从业人员", "persons", "last", "higher", "gross: workers of plants of signed projects, not counting jobs lost elsewhere"),
    Observable("jobs_entrants", "jobs at new businesses", "新设企业从业人员", "persons", "sum", "higher", "gross: workers of businesses in the month they enter, without project plants"),
    # --- public money ---
    Observable("fund_promised", "fund budget", "资金预算", "yuan", "sum", "none", "promised in the calls"),
    Observable("fund_claimed", "fund claimed", "资金申报", "yuan", "sum", "none", "grants asked for by eligible firms"),
    Observable("fund_granted", "fund granted", "资金批复", "yuan", "sum", "none", "grants awarded"),
    Observable("fund_paid", "fund paid", "资金拨付", "yuan", "sum", "none", "grants paid after acceptance"),
    Observable("fund_unspent", "fund unspent", "资金结余", "yuan", "last", "lower", "budget opened and neither awarded nor returned"),
    Observable("public_money_paid", "public money paid", "财政支出", "yuan", "sum", "none", "all programmes, all payers"),
    Observable("public_money_unmet", "public money unmet", "财政缺口", "yuan", "sum", "lower", "programme spending cut back for want of money"),
    Observable("county_tax_receipts", "county tax receipts", "县级税收", "yuan", "sum", "higher", "county's share of tax paid"),
    Observable("county_balance", "county account balance", "县级账户余额", "yuan", "last", "none", "cluster programme account"),
)

INDEX: dict[str, int] = {item.name: position for position, item in enumerate(OBSERVABLES)}
"""Column of each observable in the monthly record."""


def observable(name: str) -> Observable:
    """Return the observable called ``name``; raise ``KeyError`` when there is none."""
    return OBSERVABLES[INDEX[name]]
