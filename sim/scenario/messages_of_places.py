"""Messages about the numbers a place starts from: what cannot be, and what deserves a second look."""

from __future__ import annotations

from sim.scenario.message import Message

PLACE_MESSAGES: dict[str, Message] = {
    "place_exports": Message(
        "E40",
        (
            "exports of {exports} are not less than the makers' output of {output}",
            "exports are part of what makers sell: look at both amounts and their units",
        ),
        ("出口额{exports}不低于生产企业产值{output}", "出口是生产企业销售的一部分：请核对两项数额及其单位"),
    ),
    "place_shares": Message(
        "E40",
        (
            "{world} of the world market and {nation} of the national one: makers abroad would sell less than nothing",
            "the nation is part of the world, so the share of the world is the smaller one",
        ),
        (
            "全球份额{world}高于全国份额{nation}：国外同业的销量将为负",
            "全国是全球的一部分，全球份额应低于全国份额",
        ),
    ),
    "place_foreign_buyers": Message(
        "E40",
        ("there are exports and nobody who buys them", "write  foreign_buyers  above 0, or exports of 0"),
        ("有出口而无国外采购商", "请把 foreign_buyers 写为大于0的数，或把出口写为0"),
    ),
    "place_above_scale": Message(
        "E40",
        (
            "{above} above-scale firms are more than the {makers} makers",
            "above-scale firms are makers: count only those of the industry, or write more makers",
        ),
        ("规上企业{above}家，多于生产企业{makers}家", "规上企业是生产企业的一部分：请只计本产业的，或核对生产企业数"),
    ),
    "place_above_scale_output": Message(
        "E40",
        (
            "{above} above-scale firms of at least {cut} each make more than the makers' output of {output}",
            "look at the unit of the output (万元 and 亿元 differ by a factor of 10,000) and at the count",
        ),
        (
            "规上企业{above}家、每家至少{cut}，合计超过生产企业产值{output}",
            "请核对产值的单位（万元与亿元相差一万倍）及规上企业数",
        ),
    ),
    "place_lead_firms": Message(
        "E40",
        ("{lead} lead firms are more than the {makers} makers", "lead firms are makers: write fewer"),
        ("龙头企业{lead}家，多于生产企业{makers}家", "龙头企业是生产企业的一部分：请改少"),
    ),
    "crowded_market": Message(
        "E40",
        (
            "the places of industry {industry} together hold {share} of the national market",
            "places of one industry share one market: their national shares must add up to less than 1",
        ),
        ("产业 {industry} 的各地合计占全国市场{share}", "同一产业的地点共用一个市场，全国份额之和须小于1"),
    ),
    "place_unit": Message(
        "W40",
        (
            "a total of {total} is {each} {what}; other clusters report {low} to {high}",
            "is the unit right? 万元 and 亿元 differ by a factor of 10,000",
        ),
        ("总量{total}，{what}{each}；其他集群公布数为{low}至{high}", "请核对单位：万元与亿元相差一万倍"),
    ),
    "place_no_rival": Message(
        "W41",
        (
            "{nation} of the national market leaves producers elsewhere nothing to sell",
            "buyers can hardly turn to others: prices and growth of such a place mean little",
        ),
        ("全国份额{nation}过高，外地几无同业", "采购商几乎别无选择，价格和增长的推演意义有限"),
    ),
    "place_lead_missing": Message(
        "W41",
        (
            "makers average {rest}, yet most are below scale: is a lead firm left out?",
            "write  lead_firms  and  lead_share  when a few firms make much of the output",
        ),
        (
            "生产企业户均{rest}，规上却不足一半：是否漏写龙头企业？",
            "如少数企业占产值较大比重，请写 lead_firms 和 lead_share",
        ),
    ),
    "place_few": Message(
        "W41",
        ("with {count} {what} luck with a few decides a run", "read wide bands with care"),
        ("{what}仅{count}个，推演结果受个别主体影响大", "区间较宽，请谨慎解读"),
    ),
    "place_no_figure": Message(
        "N40",
        (
            "no figure of the county is behind any number",
            "its own figures go into a CSV: docs/own-county.md",
        ),
        ("没有任何数据来自本县公布数", "请把本县数据写入CSV：docs/own-county.md"),
    ),
}
