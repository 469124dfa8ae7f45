"""What the model measures: everything that tables, figures, files and reports know of a variable, in one row.

Tables, figures and files name a variable by its ``name`` here. Values are in the plain unit (yuan, persons, tonnes);
the reader's unit (billion yuan, 亿元) is chosen when a value is shown.

A new observable is one row of ``OBSERVABLES`` and the line that computes it (``state.add(name, place, number)`` for a
count of events, ``sim.month.accounts`` for a flow or a stock).

A policy type that is no part of the library brings its rows with it: ``observables`` of its terms class (see
``sim.policies.terms.Terms``), handed to ``register`` when the class is registered. Such rows follow the model's own,
types in the order of their names, each type's rows in their own order, so that neither the order in which files are
read nor another type moves a column. Whoever counts columns looks at ``OBSERVABLES`` when it needs them, never at
import, and every policy type is read before a run begins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Aggregate = Literal["sum", "last", "mean"]
Good = Literal["higher", "lower", "none"]
ABOVE_SCALE_YUAN = 20e6
"""Yearly revenue from which an industrial firm is above designated size (规上), by the national rule (literature C)."""


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
        Plain unit of the stored value: ``yuan``, ``persons``, ``count``, ``tonnes``, ``share``, ``index`` or
        ``yuan/year``.
    aggregate
        How twelve months make a year: a flow is summed, a stock takes the last month, a ratio the mean.
    good
        Which direction a county would call better.
    basis, basis_zh
        Statistical basis, printed wherever the figure is compared with a reported one; phrases are separated by
        semicolons, as many in Chinese as in English.
    iamc
        Variable of the IAMC format, ``{}`` where the industry goes; left out, it is the label.
    iamc_prices
        Prices its unit in the IAMC format names: ``current``, ``base-year`` or none.
    stage, stage_zh
        What it is called as a stage of the funnel from booths to repeat orders; empty when it is none.
    policy
        Policy type without which it is zero, so that a scenario without one says nothing of it; empty for all others.
    scope
        Observable whose scope factor holds for it too: how many times what the model counts a reported figure counts.
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
    basis_zh: str = ""
    iamc: str = ""
    iamc_prices: str = ""
    stage: str = ""
    stage_zh: str = ""
    policy: str = ""
    scope: str = ""
    headline: bool = False

    def __post_init__(self) -> None:
        """Refuse a basis whose phrases differ in number: they are looked up one by one."""
        if self.basis.count(";") != self.basis_zh.count("；"):
            raise ValueError(f"{self.name}: basis and basis_zh must have the same number of phrases")


ROWS: tuple[Observable, ...] = (
    # --- output and money made ---
    Observable("output_value", "output value", "产值", "yuan", "sum", "higher", "makers of the core product; current prices", "核心产品生产企业；当年价", "Output Value|{}", iamc_prices="current", headline=True),
    Observable("operating_revenue", "operating revenue", "营业收入", "yuan", "sum", "higher", "makers, suppliers and traders; current prices", "生产、配套和商贸企业；当年价", "Operating Revenue|{}"),
    Observable("value_added", "value added", "增加值", "yuan", "sum", "higher", "makers and suppliers; output less materials; current prices", "生产和配套企业；产值减原材料；当年价", "Value Added|{}"),
    Observable("exports", "exports", "出口额", "yuan", "sum", "higher", "direct exports; current prices", "直接出口；当年价", "Exports|{}", headline=True),
    Observable("tax_paid", "tax paid", "上缴税金", "yuan", "sum", "higher", "value-added tax, surcharges and income tax; all levels", "增值税、附加税费和所得税；各级合计", "Tax Paid|{}", headline=True),
    Observable("wages_paid", "wages paid", "工资总额", "yuan", "sum", "higher", "gross of social insurance", "含社会保险", "Wages Paid|{}"),
    Observable("profit", "profit", "利润总额", "yuan", "sum", "higher", "before income tax; makers", "税前；生产企业", "Profit|{}"),
    Observable("profit_rate", "profit margin", "利润率", "share", "mean", "higher", "profit over revenue; makers; last twelve months", "利润占营业收入比重；生产企业；近十二个月", "Profit Margin|{}"),
    Observable("loss_making_share", "loss-making share", "亏损面", "share", "last", "lower", "makers with a loss over the last twelve months", "近十二个月亏损的生产企业", "Loss-Making Share|{}"),
    Observable("output_real", "output at base-year prices", "产值（可比价）", "yuan", "sum", "higher", "makers; prices of the base year", "生产企业；基年价", "Output Value|{}|Base-Year Prices", iamc_prices="base-year"),
    Observable("price_index", "product price index", "出厂价格指数", "index", "mean", "none", "output-weighted; base year = 1", "按产值加权；基年为1", "Price Index|{}"),
    Observable("unit_cost_index", "unit cost index", "单位成本指数", "index", "mean", "lower", "output-weighted; base year = 1", "按产值加权；基年为1", "Unit Cost Index|{}"),
    # --- people ---
    Observable("employment", "employment", "从业人员", "persons", "last", "higher", "workers of makers, suppliers and traders in the model", "模型内生产、配套和商贸企业从业人员", "Employment|{}", headline=True),
    Observable("employment_makers", "employment at makers", "生产企业从业人员", "persons", "last", "higher", "workers of makers", "生产企业从业人员", "Employment|{}|Makers"),
    Observable("wage", "wage", "平均工资", "yuan/year", "mean", "higher", "yearly wage in the county's cluster", "本县产业年工资", "Wage|{}"),
    Observable("unfilled_jobs", "unfilled jobs", "用工缺口", "persons", "mean", "lower", "vacancies the labour pool could not fill", "劳动力不足未能补上的岗位", "Unfilled Jobs|{}"),
    Observable("labour_productivity", "output per worker", "人均产值", "yuan/year", "mean", "higher", "makers; yearly rate", "生产企业；年率", "Output per Worker|{}"),
    # --- firms ---
    Observable("businesses", "businesses", "经营主体数", "count", "last", "higher", "makers, suppliers and traders", "生产、配套和商贸企业", "Businesses|{}", headline=True),
    Observable("makers", "makers", "生产企业数", "count", "last", "higher", "makers of the core product", "核心产品生产企业", "Businesses|{}|Makers"),
    Observable("above_scale_firms", "above-scale firms", "规上企业数", "count", "last", "higher", "makers with revenue of at least 20 million yuan over the last twelve months", "近十二个月营业收入2000万元及以上的生产企业", "Businesses|{}|Above Scale", headline=True),
    Observable("entries", "entries", "新设企业", "count", "sum", "higher", "new businesses", "新设经营主体", "Businesses|{}|Entries", scope="businesses"),
    Observable("exits", "exits", "退出企业", "count", "sum", "lower", "closed businesses", "注销经营主体", "Businesses|{}|Exits"),
    Observable("exits_insolvent", "insolvent exits", "资不抵债退出", "count", "sum", "lower", "closed for want of money", "因资不抵债注销", "Businesses|{}|Exits|Insolvent"),
    Observable("gini_sales", "Gini of sales", "销售基尼系数", "share", "last", "none", "makers; last twelve months", "生产企业；近十二个月", "Gini of Sales|{}"),
    Observable("top_ten_share", "ten largest firms' share", "前十企业占比", "share", "last", "none", "share of makers' revenue; last twelve months", "占生产企业营业收入比重；近十二个月", "Share of Ten Largest Firms|{}"),
    Observable("size_tail_index", "tail index of firm size", "企业规模尾指数", "index", "last", "none", "Hill estimate on the largest 2 percent of makers by revenue", "对营业收入前2%的生产企业作希尔估计", "Tail Index of Firm Size|{}"),
    Observable("capacity_use", "capacity use", "产能利用率", "share", "mean", "none", "makers; output over full capacity", "生产企业；产出与满负荷产能之比", "Capacity Use|{}"),
    Observable("orders_delivered", "share of orders delivered", "订单交付率", "share", "mean", "higher", "makers; share of what was ordered and waited for, over the last months", "生产企业；近几个月订单和积压订单的交付比例", "Orders Delivered|{}"),
    # --- markets ---
    Observable("national_share", "share of national volume", "全国市场占有率", "share", "mean", "higher", "volume of the cluster over volume of all domestic producers", "本产业产量占全国产量比重", "Share of National Volume|{}"),
    Observable("domestic_sales", "domestic sales", "内销额", "yuan", "sum", "higher", "makers and traders to domestic buyers; current prices", "生产和商贸企业售予国内客户；当年价", "Domestic Sales|{}"),
    Observable("domestic_orders", "orders from domestic buyers", "国内订单额", "yuan", "sum", "higher", "placed with makers and traders, served or not; current prices", "向生产和商贸企业下达，含未交付；当年价", "Orders|{}|Domestic"),
    Observable("foreign_orders", "orders from foreign buyers", "国外订单额", "yuan", "sum", "higher", "placed with makers and traders, served or not; current prices", "向生产和商贸企业下达，含未交付；当年价", "Orders|{}|Foreign"),
    Observable("export_destinations", "export destinations", "出口国家和地区数", "count", "last", "higher", "countries with at least one active link", "有在途客户关系的国家和地区", "Export Destinations|{}"),
    Observable("exporters", "exporting firms", "出口企业数", "count", "last", "higher", "makers and traders with a foreign link", "有国外客户的生产和商贸企业", "Businesses|{}|Exporters"),
    Observable("domestic_links", "domestic buyer links", "国内客户关系数", "count", "last", "higher", "active buyer-supplier links", "在途供需关系", "Buyer Links|{}|Domestic"),
    Observable("foreign_links", "foreign buyer links", "国外客户关系数", "count", "last", "higher", "active buyer-supplier links", "在途供需关系", "Buyer Links|{}|Foreign"),
    Observable("link_survival", "link survival", "客户关系留存率", "share", "mean", "higher", "share of links alive a year earlier and still alive", "一年前的客户关系至今仍在的比例", "Buyer Links|{}|Survival"),
    # --- fair and exhibition funnel ---
    Observable("fair_booths_used", "fair booths used", "展位使用数", "count", "sum", "none", "booths taken by exhibitors", "参展企业使用的展位", "Fair|Booths Used", stage="booths", stage_zh="展位", policy="fair"),
    Observable("fair_exhibitors", "fair exhibitors", "参展企业", "count", "sum", "higher", "firms with a booth", "有展位的企业", "Fair|Exhibitors", policy="fair"),
    Observable("fair_buyers", "fair buyers", "到会采购商", "count", "sum", "higher", "buyers who came", "到会采购商", "Fair|Buyers", stage="buyers", stage_zh="采购商", policy="fair"),
    Observable("fair_foreign_buyers", "foreign fair buyers", "到会境外客商", "count", "sum", "higher", "buyers from abroad who came", "到会的境外采购商", "Fair|Buyers|Foreign", policy="fair"),
    Observable("fair_contacts", "fair contacts", "洽谈", "count", "sum", "higher", "booth visits", "展位洽谈次数", "Fair|Contacts", stage="contacts", stage_zh="洽谈", policy="fair"),
    Observable("fair_intended_orders", "fair intended orders", "意向订单", "yuan", "sum", "higher", "stated at the fair; intended, not signed", "展会上表示；意向，未签约", "Fair|Intended Orders", stage="intended orders", stage_zh="意向订单", policy="fair"),
    Observable("fair_contracts", "fair contracts", "签约", "yuan", "sum", "higher", "intended orders of those who sign a trial", "签订试单者的意向订单", "Fair|Contracts", stage="signed", stage_zh="签约", policy="fair"),
    Observable("fair_delivered", "fair delivered", "交付", "yuan", "sum", "higher", "sales over links made at a fair, in the months intended orders are for", "展会客户在意向期内的成交", "Fair|Delivered", stage="delivered", stage_zh="交付", policy="fair"),
    Observable("fair_repeat_orders", "fair repeat orders", "复购", "yuan", "sum", "higher", "sales over links made at a fair, after those months", "展会客户意向期后的成交", "Fair|Repeat Orders", stage="repeat orders", stage_zh="复购", policy="fair"),
    Observable("exhibition_contacts", "contacts abroad", "境外参展洽谈", "count", "sum", "higher", "buyers met at exhibitions abroad", "境外展会接触的采购商", "Exhibitions Abroad|Contacts", policy="exhibition"),
    Observable("exhibition_sales", "sales from exhibitions abroad", "境外参展成交", "yuan", "sum", "higher", "sales over links made at exhibitions abroad", "境外展会客户成交", "Exhibitions Abroad|Sales", policy="exhibition"),
    # --- platform, e-commerce parks, dealers, new plants ---
    Observable("platform_sales", "sales over the platform", "平台成交", "yuan", "sum", "higher", "sales over links made on a digital platform", "平台客户成交", "Platform|Sales", policy="digital_platform"),
    Observable("e_commerce_sales", "sales of e-commerce parks", "电商园成交", "yuan", "sum", "higher", "sales over links made at shops in e-commerce parks", "电商园店铺客户成交", "Trade Park|Sales", policy="trade_park"),
    Observable("dealer_sales", "sales through dealers", "经销网络成交", "yuan", "sum", "higher", "sales over links made by dealers and outlets", "经销网络客户成交", "Dealers|Sales", policy="dealer_network"),
    Observable("opening_sales", "sales of new plants' customers", "新项目自带订单", "yuan", "sum", "higher", "sales over links a new plant made when it opened", "新项目投产自带客户成交", "Investment Projects|Sales to Own Customers", policy="project"),
    Observable("piece_sales", "sales by the piece", "按件销售额", "yuan", "sum", "higher", "sales to buyers that buy by the piece and ask for quality; the rest is sold by weight", "售予按件采购、要求质量的客户；其余按重量销售", "Sales by the Piece|{}"),
    Observable("piece_exports", "exports by the piece", "高端产品出口额", "yuan", "sum", "higher", "of these, exports: the move to high-end exports", "其中出口：反映出口高端化", "Exports|{}|By the Piece"),
    # --- platform, cloud, dealers, trade parks: what they reach ---
    Observable("platform_members", "platform members", "平台入驻企业", "count", "last", "none", "firms that have joined a digital platform of the scenario", "加入方案中数字平台的企业", "Platform|Members", policy="digital_platform"),
    Observable("platform_contacts", "contacts over platforms", "平台洽谈", "count", "sum", "none", "offers looked at on digital platforms", "在数字平台查看的报价", "Platform|Contacts", policy="digital_platform"),
    Observable("e_commerce_contacts", "contacts in e-commerce parks", "电商园洽谈", "count", "sum", "none", "offers looked at in shops of e-commerce parks", "在电商园店铺查看的报价", "Trade Park|Contacts", policy="trade_park"),
    Observable("cloud_firms", "firms in the cloud", "上云企业", "count", "last", "none", "makers that a drive of the scenario brought to the cloud", "方案中上云行动带动上云的生产企业", "Cloud Drive|Firms in the Cloud", policy="cloud_drive"),
    Observable("digital_workshops", "digital workshops", "数字化车间", "count", "last", "none", "makers above scale in the cloud that carried out an upgrade", "已上云并实施技改的规上生产企业", "Cloud Drive|Digital Workshops", policy="cloud_drive"),
    Observable("sales_outlets", "sales outlets at home", "国内经销网点", "count", "last", "none", "dealers and outlets in the country that firms keep", "企业保有的国内经销商和网点", "Dealers|Outlets at Home", policy="dealer_network"),
    Observable("foreign_outlets", "sales outlets abroad", "境外经销网点", "count", "last", "none", "outlets abroad that firms keep", "企业保有的境外网点", "Dealers|Outlets Abroad", policy="dealer_network"),
    Observable("overseas_dealers", "dealers abroad", "境外经销商", "count", "last", "none", "dealers abroad that firms keep", "企业保有的境外经销商", "Dealers|Abroad", policy="dealer_network"),
    Observable("dealer_contacts", "contacts of dealers", "经销网络洽谈", "count", "sum", "none", "buyers' looks at firms' goods with dealers and outlets", "采购商在经销网络查看产品的次数", "Dealers|Contacts", policy="dealer_network"),
    Observable("trade_park_tenants", "trade park tenants", "物流与电商园入驻企业", "count", "last", "none", "firms with a place in a logistics or e-commerce park", "入驻物流园或电商园的企业", "Trade Park|Tenants", policy="trade_park"),
    Observable("trade_park_rent", "trade park rent", "物流与电商园租金", "yuan", "sum", "none", "paid by tenants to the county", "入驻企业缴给县里", "Trade Park|Rent", policy="trade_park"),
    # --- park and environment ---
    Observable("park_plots_open", "park plots open", "园区已开放地块", "count", "last", "none", "plots ready for tenants", "可入驻地块", "Park|Plots Open", policy="park"),
    Observable("park_plots_used", "park plots used", "入园地块", "count", "last", "higher", "plots taken by tenants", "已入驻地块", "Park|Plots Used", policy="park", headline=True),
    Observable("park_tenants", "park tenants", "入园企业", "count", "last", "higher", "firms on a plot", "已入园企业", "Park|Tenants", policy="park"),
    Observable("park_queue", "park queue", "入园排队企业", "count", "last", "none", "firms that asked for a plot and got none this month", "申请入园而当月未获地块的企业", "Park|Queue", policy="park"),
    Observable("relocations", "plants from other counties", "外地迁入企业", "count", "sum", "none", "plants that moved into a park from other counties, which lose them", "由外县迁入园区的企业，外县相应减少", "Park|Relocations", policy="park"),
    Observable("jobs_relocated", "jobs at plants from other counties", "外地迁入企业从业人员", "persons", "last", "none", "gross: workers of plants that moved in from other counties", "毛额：外县迁入企业的从业人员", "Park|Jobs Relocated", policy="park"),
    Observable("sales_relocated", "sales of plants from other counties", "外地迁入企业销售额", "yuan", "sum", "none", "gross: sales of plants that moved in from other counties; current prices", "毛额：外县迁入企业的销售额；当年价", "Park|Sales Relocated", policy="park"),
    Observable("discharge_untreated", "untreated discharge", "未处理排放", "tonnes", "sum", "lower", "pickling and plating waste water", "酸洗和电镀废水", "Emissions|Untreated Discharge", headline=True),
    Observable("discharge_treated", "treated discharge", "集中处理排放", "tonnes", "sum", "none", "pickling and plating waste water", "酸洗和电镀废水", "Emissions|Treated Discharge"),
    Observable("inspection_closures", "closures by inspection", "环保停产企业", "count", "sum", "lower", "firms closed for a month", "停产一个月的企业", "Closures by Inspection"),
    # --- technology and investment ---
    Observable("investment", "equipment investment", "设备投资", "yuan", "sum", "higher", "makers and suppliers; current prices", "生产和配套企业；当年价", "Investment|{}|Equipment"),
    Observable("capital", "capital stock", "固定资产", "yuan", "last", "higher", "makers; prices of the base year", "生产企业；基年价", "Capital Stock|{}", iamc_prices="base-year"),
    Observable("upgrades", "technical upgrades", "技改项目数", "count", "sum", "higher", "upgrades carried out", "已实施的技改", "Technical Upgrades|{}"),
    Observable("technology_gap", "distance to the frontier", "技术差距", "index", "mean", "lower", "output-weighted rungs below the frontier", "按产值加权，与前沿相差的级数", "Distance to Frontier|{}"),
    Observable("quality_index", "quality index", "质量指数", "index", "mean", "higher", "output-weighted; relative to producers elsewhere", "按产值加权；与外地企业相比", "Quality Index|{}"),
    # --- people trained, firms advised, places designated ---
    Observable("skilled_workers", "workers trained by programmes", "培训在岗人数", "persons", "last", "higher", "trained by a programme of the scenario and still in the cluster", "方案中培训项目培训且仍在本产业", "Training|Workers Trained by Programmes", policy="training"),
    Observable("trained", "people trained", "培训人次", "persons", "sum", "higher", "people who finished a course of a programme of the scenario", "完成方案中培训课程的人次", "Training|People Trained", policy="training"),
    Observable("research_projects", "joint research projects", "产学研项目", "count", "sum", "none", "projects of firms with institutes that began", "已启动的产学研项目", "Joint Research|Projects", policy="research_partnership"),
    Observable("research_successes", "successful joint projects", "产学研成果", "count", "sum", "higher", "joint projects that bettered the firm's goods", "改进企业产品的产学研项目", "Joint Research|Successes", policy="research_partnership"),
    Observable("firms_visited", "firms visited by the upgrade drive", "升级行动走访企业", "count", "sum", "none", "makers visited by an organised upgrade drive", "升级行动走访的生产企业", "Upgrade Drive|Firms Visited", policy="upgrade_drive"),
    Observable("drive_upgrades", "upgrades of firms visited", "走访企业技改数", "count", "sum", "higher", "successful upgrades of firms the drive visited, seen a month later", "走访企业的成功技改，次月计入", "Upgrade Drive|Upgrades", policy="upgrade_drive"),
    Observable("design_services", "firms with a design service", "设计服务企业", "count", "sum", "none", "firms that began a design with the programme", "在项目支持下开始设计的企业", "Design|Firms Served", policy="brand_design"),
    Observable("designs_launched", "designs on the market", "设计成果", "count", "sum", "higher", "designs of the programme that bettered the goods", "改进产品的设计成果", "Design|Designs Launched", policy="brand_design"),
    Observable("designated_towns", "designated towns", "省级专业镇数", "count", "last", "higher", "places designated at provincial level or above", "省级及以上认定的地区", "Designation|Towns"),
    # --- designations and investment projects ---
    Observable("designations", "new designations", "新认定数", "count", "sum", "none", "places or firms designated this month", "当月认定的地区或企业", "Designation|New", policy="designation"),
    Observable("designation_applications", "designation applications", "认定申报数", "count", "sum", "none", "places or firms that applied for a designation", "申报认定的地区或企业", "Designation|Applications", policy="designation"),
    Observable("designation_queue", "applicants not designated yet", "待认定数", "count", "last", "none", "applied, not chosen, and applying again at the next batch", "已申报未入选、下批再申报", "Designation|Queue", policy="designation"),
    Observable("honoured_firms", "firms with an honour", "获认定企业数", "count", "last", "higher", "firms in business that a designation of the scenario honoured", "方案中认定且在营的企业", "Designation|Firms with an Honour", policy="designation"),
    Observable("projects_signed", "projects signed", "签约项目数", "count", "sum", "none", "signed, not built", "已签约，未建成", "Investment Projects|Signed", policy="project"),
    Observable("projects_signed_value", "value of projects signed", "签约金额", "yuan", "sum", "none", "as announced; signed, not arrived", "按公布数；已签约，未到位", "Investment Projects|Signed|Value", policy="project"),
    Observable("projects_started", "projects started", "开工项目数", "count", "sum", "higher", "construction begun", "已开工", "Investment Projects|Started", policy="project"),
    Observable("projects_operating", "projects operating", "投产项目数", "count", "last", "higher", "plants of signed projects in business", "已投产的签约项目", "Investment Projects|Operating", policy="project"),
    Observable("projects_lapsed", "projects lapsed", "未落地项目数", "count", "sum", "lower", "signed and given up without a start", "签约后未开工即放弃", "Investment Projects|Lapsed", policy="project"),
    Observable("projects_realised", "project money arrived", "项目到位资金", "yuan", "sum", "higher", "spent on construction of signed projects; current prices", "签约项目已完成的建设投资；当年价", "Investment Projects|Money Arrived", policy="project"),
    Observable("jobs_projects", "jobs at project plants", "项目企业从业人员", "persons", "last", "higher", "gross: workers of plants of signed projects, not counting jobs lost elsewhere", "毛额：签约项目企业从业人员，不扣除别处减少的岗位", "Employment|{}|Project Plants", policy="project", scope="employment"),
    Observable("jobs_entrants", "jobs at new businesses", "新设企业从业人员", "persons", "sum", "higher", "gross: workers of businesses in the month they enter, without project plants", "毛额：新设企业当月从业人员，不含项目企业", "Employment|{}|New Businesses", scope="employment"),
    # --- public money ---
    Observable("fund_promised", "fund budget", "资金预算", "yuan", "sum", "none", "promised in the calls", "申报通知公布的预算", "Public Money|Fund|Budget", policy="fund"),
    Observable("fund_claimed", "fund claimed", "资金申报", "yuan", "sum", "none", "grants asked for by eligible firms", "符合条件企业申请的补助", "Public Money|Fund|Claimed", policy="fund"),
    Observable("fund_granted", "fund granted", "资金批复", "yuan", "sum", "none", "grants awarded", "批复的补助", "Public Money|Fund|Granted", policy="fund"),
    Observable("fund_paid", "fund paid", "资金拨付", "yuan", "sum", "none", "grants paid after acceptance", "验收后拨付的补助", "Public Money|Fund|Paid", policy="fund"),
    Observable("fund_unspent", "fund unspent", "资金结余", "yuan", "last", "lower", "budget opened and neither awarded nor returned", "已安排、未批复也未收回的预算", "Public Money|Fund|Unspent", policy="fund"),
    Observable("public_money_paid", "public money paid", "财政支出", "yuan", "sum", "none", "all programmes, all payers", "全部政策、各级合计", "Public Money|Paid"),
    Observable("public_money_unmet", "public money unmet", "财政缺口", "yuan", "sum", "lower", "programme spending cut back for want of money", "因资金不足而压减的支出", "Public Money|Unmet"),
    Observable("public_money_lapsed", "public money lapsed", "收回的结余资金", "yuan", "sum", "none", "programme money that lay idle all year and went back to the general budget", "全年闲置、收回一般预算的产业资金", "Public Money|Lapsed"),
    Observable("county_tax_receipts", "county tax receipts", "县级税收", "yuan", "sum", "higher", "county's share of tax paid", "税收县级留成", "Tax Receipts|County"),
    Observable("county_balance", "county account balance", "县级账户余额", "yuan", "last", "none", "cluster programme account", "产业政策专户", "Public Money|County Account Balance"),
)
"""The model's own rows and those of its policy types."""

OBSERVABLES: Sequence[Observable] = (_all := list(ROWS))
"""Every row, in the order of the columns of all tables."""

INDEX: dict[str, int] = {item.name: position for position, item in enumerate(OBSERVABLES)}
"""Column of each observable in the monthly record."""

_declared: dict[str, tuple[Observable, ...]] = {}


def register(policy: str, rows: Iterable[Observable]) -> None:
    """Take in the rows of a policy type, in place of those it brought before.

    Parameters
    ----------
    policy
        Name of the type; its rows are marked with it.
    rows
        The type's own observables.

    Raises
    ------
    ValueError
        If a name is one of the model's or of another type's.
    """
    own = tuple(replace(row, policy=policy) for row in rows)
    others = {kind: known for kind, known in _declared.items() if kind != policy}
    found = [*ROWS, *(row for _, known in sorted({**others, policy: own}.items()) for row in known)]
    if len({row.name for row in found}) < len(found):
        raise ValueError(f"an observable of policy type {policy!r} has a name that is taken")
    _declared[policy] = own
    _all[:] = found
    INDEX.clear()
    INDEX.update({item.name: position for position, item in enumerate(found)})


def recorded(policies: Iterable[str] = ()) -> tuple[Observable, ...]:
    """Return what a run with policies of these types records, in the order of its columns.

    Rows that a type brings are columns of runs with such a policy alone: all others stay what they were without it.
    """
    used = set(policies)
    return (*ROWS, *(row for row in OBSERVABLES[len(ROWS) :] if row.policy in used))


def observable(name: str) -> Observable:
    """Return the observable called ``name``; raise ``KeyError`` when there is none."""
    return OBSERVABLES[INDEX[name]]
