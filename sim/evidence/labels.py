"""What readers call the reported variables, in both languages."""

from __future__ import annotations

from sim.observables import INDEX, observable

GROWTH = "_yoy"
"""Ending of a variable that is the growth of another over the same months a year earlier."""

LABELS_EN: dict[str, str] = {
    "chain_output_value": "output value of the whole chain",
    "fair_foreign_customers": "customers from abroad at the fair",
    "firms_upgrading": "firms that are upgrading",
    "projects_new": "new projects",
    "projects_value": "value of new projects",
}
"""Variables whose own name, with spaces, is no English."""

LABELS_ZH: dict[str, str] = {
    "attracted_suppliers": "引进上下游企业",
    "capacity_volume": "产能",
    "chain_output_value": "全产业链产值",
    "cloud_firms": "上云企业",
    "clusters": "特色产业集群",
    "digital_workshops": "数字化车间",
    "equipment_sets": "设备台套",
    "fair_booths": "展位数",
    "fair_buyer_countries": "采购商来源国家",
    "fair_foreign_customers": "境外客商",
    "firm_output_value": "企业产值",
    "firms_upgrading": "技改企业",
    "foreign_outlets": "境外网点",
    "fund_annual_budget": "年度专项资金",
    "global_market_share": "全球市场占有率",
    "imports_and_exports": "进出口额",
    "jobs_created": "新增就业",
    "little_giants": "专精特新“小巨人”企业",
    "machine_tools": "机床",
    "national_market_share": "全国市场占有率",
    "new_businesses": "新增经营主体",
    "output_volume": "产量",
    "overseas_dealers": "境外经销商",
    "parks": "产业园",
    "patented_technologies": "专利技术",
    "product_categories": "产品大类",
    "product_specifications": "产品规格",
    "product_subcategories": "产品小类",
    "projects_new": "新项目",
    "projects_signed": "签约项目",
    "projects_signed_value": "签约金额",
    "projects_value": "项目投资额",
    "provincial_towns": "省级专业镇",
    "sales_outlets": "销售网点",
    "skilled_workers_supplied": "输送技能人才",
    "standards_formulated": "制修订标准",
    "towns": "特色专业镇",
}


def variable_label(variable: str, lang: str) -> str:
    """Return what a reader calls a reported variable; its own name when no label is known."""
    if variable.endswith(GROWTH):
        level = variable_label(variable.removesuffix(GROWTH), lang)
        return f"{level}, growth on a year" if lang == "en" else f"{level}同比"
    if variable in INDEX:
        return observable(variable).label if lang == "en" else observable(variable).label_zh
    if lang == "en":
        return LABELS_EN.get(variable, variable.replace("_", " "))
    return LABELS_ZH.get(variable, variable)
