"""Every message about a scenario file or a place, in English and Chinese: code, what is wrong, and the way out.

Codes begin with E (nothing is run), W (a run goes on) or N (worth knowing). A template is filled with plain values;
text that comes from a file is never used as a template.
"""

from __future__ import annotations

from typing import NamedTuple


class Message(NamedTuple):
    """Templates ``(what is wrong, advice)`` in two languages; lines of advice are separated by line ends."""

    code: str
    en: tuple[str, str]
    zh: tuple[str, str]


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
        ("全球份额{world}高于全国份额{nation}：国外同业的销量将为负", "全国是全球的一部分，全球份额应低于全国份额"),
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
        ("with {count} {what} chance with a few decides a run", "read wide bands with care"),
        ("{what}仅{count}个，推演结果受个别主体影响大", "区间较宽，请谨慎解读"),
    ),
    "place_no_figure": Message(
        "N40",
        ("no figure of the county is behind any number", "its own figures go into a CSV: docs/own-county.md"),
        ("没有任何数据来自本县公布数", "请把本县数据写入CSV：docs/own-county.md"),
    ),
}
"""About the numbers a place starts from: what cannot be, and what deserves a second look."""

_WRITE_YUAN = '"200 million yuan", "2亿元" or "20000万元"'

MESSAGES: dict[str, Message] = {
    # --- keys -------------------------------------------------------------------------------------------------
    "unknown_key": Message(
        "E01",
        ('unknown key "{key}" in {table}', "{near}keys of {table}: {keys}"),
        ("{table}中没有“{key}”这一项", "{near}{table}的各项：{keys}"),
    ),
    "unknown_entry": Message(
        "E01",
        ('{key} names "{value}", which {table} does not have', "{near}known: {keys}"),
        ("{key} 中的“{value}”在{table}中不存在", "{near}可用：{keys}"),
    ),
    "change_of_head": Message(
        "E01",
        (
            'change "{id}" sets "{key}", which a [[change]] cannot alter',
            "a change alters terms: {keys}\nto end it use [[stop]]; for another payer or place add a policy",
        ),
        (
            "变更“{id}”设置了“{key}”，[[change]] 不能改动这一项",
            "变更只能改动政策条款：{keys}\n终止政策请用 [[stop]]；更换出资方或实施地点请新增一项政策",
        ),
    ),
    "misplaced_key": Message(
        "E14",
        (
            '"{key}" stands after the header {header} and so belongs to {owner}',
            "keys of the scenario itself go above the first [header]",
        ),
        ("“{key}”写在表头 {header} 之后，因此属于{owner}", "情景本身的各项要写在第一个 [表头] 之前"),
    ),
    "misplaced_policy_key": Message(
        "E14",
        (
            '"{key}" stands after the header {header} and so belongs to that table',
            "keys of the policy itself go above its first sub-table: move the line up",
        ),
        ("“{key}”写在表头 {header} 之后，因此属于该子表", "政策本身的各项要写在它的第一个子表之前：请把这一行上移"),
    ),
    "missing_key": Message(
        "E15",
        ("{table} has no {keys}", "write what is missing, nothing is filled in silently; for example\n{hint}"),
        ("{table}缺少 {keys}", "请补上，缺项不会自动取默认值；例如\n{hint}"),
    ),
    "counterfactual_alone": Message(
        "E15",
        ('kind = "counterfactual" needs extends', 'name the scenario it differs from:  extends = "..."'),
        ('kind = "counterfactual" 需要 extends', '请写明与哪个情景相对：extends = "..."'),
    ),
    # --- values -----------------------------------------------------------------------------------------------
    "no_unit": Message(
        "E02",
        (
            "{key} = {value} has no unit",
            f"write the unit: {_WRITE_YUAN}   (200 yuan, 200万元 and 2亿元 differ by a factor of a million)",
        ),
        (
            "{key} = {value} 没有单位",
            '请写明单位："2亿元"、"20000万元" 或 "200 million yuan"（200元、200万元与2亿元相差百万倍）',
        ),
    ),
    "no_unit_other": Message(
        "E02",
        ("{key} = {value} has no unit", "write the unit, for example {example}"),
        ("{key} = {value} 没有单位", "请写明单位，例如 {example}"),
    ),
    "bad_unit": Message(
        "E02", ("{key} = {detail}", "{advice}"), ("{key} = {value}：单位或数额无法识别", "请按这样书写：{example}")
    ),
    "not_share": Message(
        "E04",
        ("{key} = {value} is not a share", 'write "20%" or 0.20'),
        ("{key} = {value} 不是比例", '请写 "20%" 或 0.20'),
    ),
    "not_month": Message(
        "E08",
        ("{key} = {value} is not a month", 'write "2026-01" … "2026-12"'),
        ("{key} = {value} 不是月份", '请写 "2026-01" … "2026-12"'),
    ),
    "not_month_number": Message(
        "E08",
        ("{key} = {value} is not a month of the year", "write a whole number from 1 (January) to 12 (December)"),
        ("{key} = {value} 不是月份序号", "请写 1（一月）到 12（十二月）的整数"),
    ),
    "weights_sum": Message(
        "E09",
        ("weights of {table} add up to {total}, not 1", "{parts}"),
        ("{table}的权重之和为 {total}，不等于 1", "{parts}"),
    ),
    "weights_missing": Message(
        "E09",
        ('{table} has rule = "{rule}" but no weights', "write weights that add up to 1, for example {example}"),
        ('{table}的 rule = "{rule}"，但没有权重', "请写出合计为 1 的权重，例如 {example}"),
    ),
    "weights_unused": Message(
        "E09",
        (
            '{table} has weights, but rule = "{rule}" does not use them',
            "leave the weights out, or choose a rule that scores",
        ),
        ('{table}写了权重，但 rule = "{rule}" 不使用权重', "请删去权重，或改用评分规则"),
    ),
    "one_of": Message(
        "E15",
        ("{table} needs one of {keys}", "write one of them, and only one, for example {example}"),
        ("{table}须写 {keys} 中的一项", "请写其中一项，且只写一项，例如 {example}"),
    ),
    "not_together": Message(
        "E16",
        ("{table} has {key}, which does not go with {other}", "leave {key} out, or change {other}"),
        ("{table}写了 {key}，与 {other} 不能同时使用", "请删去 {key}，或改动 {other}"),
    ),
    "wrong_word": Message(
        "E16",
        ("{key} = {value} is not one of the words allowed here", "{near}allowed: {allowed}"),
        ("{key} = {value} 不在可选范围内", "{near}可选：{allowed}"),
    ),
    "wrong_type": Message(
        "E16",
        ("{key} = {value} is not {wanted}", "write it as in  {example}"),
        ("{key} = {value} 不是{wanted}", "请按这样书写：{example}"),
    ),
    "unknown_type": Message(
        "E28",
        ('policy "{id}" has the unknown type {value}', "{near}known types: {known}"),
        ("政策“{id}”的类型 {value} 不存在", "{near}已有类型：{known}"),
    ),
    "broken_type": Message(
        "E28",
        ("a policy type of the workspace cannot be read: {what}", "put it right, or move its folder out of policies"),
        ("工作区自带的政策类型无法读取：{what}", "请改正，或把该文件夹移出 policies"),
    ),
    "not_number": Message(
        "E17",
        (
            "{key} = {value} is not a number that can be used here",
            "write a plain number without quotes, for example {example}",
        ),
        ("{key} = {value} 不是可用的数", "请直接写数字，不加引号，例如 {example}"),
    ),
    "not_whole": Message(
        "E17",
        (
            "{key} = {value} is not a whole number",
            "people, firms, plots, booths and buyers come whole: write for example {example}",
        ),
        ("{key} = {value} 不是整数", "人数、企业、地块、展位、采购商都是整数，例如 {example}"),
    ),
    "below_minimum": Message(
        "E17",
        ("{key} = {value} is less than {minimum}", "the smallest value allowed is {minimum}"),
        ("{key} = {value} 小于 {minimum}", "允许的最小值为 {minimum}"),
    ),
    "bad_id": Message(
        "E18",
        (
            "{key} = {value} is not an id",
            "an id has small letters, digits and hyphens, as in  upgrade-fund   (the name may hold any text)",
        ),
        (
            "{key} = {value} 不是合格的标识",
            "标识只含小写字母、数字和连字符，以字母或数字开头，例如 upgrade-fund（名称可用任意文字）",
        ),
    ),
    "id_not_file": Message(
        "E18",
        ('id = "{id}", but the file is called {file}', 'write  id = "{stem}"  or rename the file to {id}.toml'),
        ('id = "{id}"，但文件名是 {file}', '请写 id = "{stem}"，或把文件改名为 {id}.toml'),
    ),
    "bad_file_name": Message(
        "E18",
        (
            "the file name {file} cannot be an id",
            "rename the file: small letters, digits and hyphens, as in  my-fair.toml",
        ),
        ("文件名 {file} 不能作为标识", "请改文件名：小写字母、数字和连字符，例如 my-fair.toml"),
    ),
    "twice": Message(
        "E18",
        ('{what} "{id}" stands twice in this file (line {other})', "give the second one a new id"),
        ("{what}“{id}”在本文件中出现两次（另见第 {other} 行）", "请给第二个换一个新的标识"),
    ),
    "twice_inherited": Message(
        "E18",
        ('{what} "{id}" is already defined in {other}', "give this one a new id"),
        ("{what}“{id}”已在 {other} 中定义", "请给这一个换一个新的标识"),
    ),
    # --- the file itself --------------------------------------------------------------------------------------
    "syntax": Message(
        "E19", ("the line cannot be read as TOML: {detail}", "{hint}"), ("这一行不符合 TOML 语法（{detail}）", "{hint}")
    ),
    "key_twice": Message(
        "E19",
        ("a key or table stands twice: {detail}", "keep one of the two; repeating a key never overrides it"),
        ("同一项或同一表头出现两次（{detail}）", "请只保留一处；重复书写不会覆盖前一处"),
    ),
    "not_utf8": Message(
        "E11",
        (
            "the file is not UTF-8 (it looks like {encoding}, as older Windows editors save it)",
            "save it as UTF-8, or run: countysim scenario fix-encoding {id}      (a UTF-8 byte-order mark is fine)",
        ),
        (
            "文件不是 UTF-8 编码（看起来是 {encoding}，旧版 Windows 编辑器会这样保存）",
            "请另存为 UTF-8，或运行：countysim scenario fix-encoding {id}（带 BOM 的 UTF-8 也可以）",
        ),
    ),
    "full_width": Message(
        "E12",
        (
            "full-width character {letter} ({code_point}) of a Chinese input method; TOML needs the plain {plain}",
            "{line}\nfix all: countysim scenario fix-encoding {id}",
        ),
        (
            "全角字符 {letter}（{code_point}）是中文输入法打出的；TOML 需要半角 {plain}",
            "{line}\n一次改好：countysim scenario fix-encoding {id}",
        ),
    ),
    "no_file": Message(
        "E22",
        ("there is no such file", "countysim list  shows the scenarios there are"),
        ("没有这个文件", "countysim list 列出现有情景"),
    ),
    "unreadable": Message(
        "E22",
        ("the file cannot be read: {detail}", "check that it is a file and that you may read it"),
        ("文件无法读取：{detail}", "请确认它是文件并且有读取权限"),
    ),
    "file_exists": Message(
        "E22",
        ("the file exists already", "nothing is overwritten: choose another id, or edit the file"),
        ("文件已存在", "不会覆盖任何文件：请换一个标识，或直接编辑该文件"),
    ),
    "empty_file": Message(
        "E22",
        ("the file is empty", "start from a scenario that works: countysim scenario new my-fair --from yongnian-2023"),
        ("文件是空的", "可从现有情景开始：countysim scenario new my-fair --from yongnian-2023"),
    ),
    "binary_file": Message(
        "E22",
        (
            "the file is not text",
            "a scenario is a plain text file in TOML; a workbook or document has to be rewritten as one",
        ),
        ("文件不是文本", "情景文件是 TOML 纯文本；表格或文档需要改写成文本"),
    ),
    "too_large": Message(
        "E22",
        ("the file is larger than 5 MB", "a scenario holds only what changes, usually less than 10 kB"),
        ("文件超过 5 MB", "情景文件只写改动，一般不到 10 kB"),
    ),
    "no_schema": Message(
        "E23",
        ("schema = {value} is not known to this version", "this version reads  schema = 1"),
        ("本版本不认识 schema = {value}", "本版本读取 schema = 1"),
    ),
    # --- references -------------------------------------------------------------------------------------------
    "no_scenario": Message(
        "E07",
        ("{key}{value}: no such scenario", "{near}known: {known}"),
        ("{key}{value}：没有这个情景", "{near}现有：{known}"),
    ),
    "circle": Message(
        "E07",
        ("{path}: a scenario cannot extend itself", "remove extends from one of them"),
        ("{path}：情景不能以自己为基础", "请去掉其中一个的 extends"),
    ),
    "no_variant": Message(
        "E07",
        ('"{value}" has no variant "{variant}"', "{near}variants: {known}"),
        ("“{value}”没有变体“{variant}”", "{near}变体：{known}"),
    ),
    "no_policy": Message(
        "E05",
        ('{what} amends policy "{value}", which {parent} does not have', "policies there are: {known}   {near}"),
        ("{what}改动的政策“{value}”在 {parent} 中不存在", "现有政策：{known}   {near}"),
    ),
    "no_item": Message(
        "E05",
        ('{what} names "{value}", which does not exist', "{near}known: {known}"),
        ("{what}中的“{value}”不存在", "{near}可用：{known}"),
    ),
    "bad_path": Message(
        "E32",
        ('"{value}" does not say what to set', "write for example {example}"),
        ("“{value}”没有写明要设置哪一项", "请按这样书写：{example}"),
    ),
    "in_the_past": Message(
        "E06",
        (
            "{what} starts {month}, but figures are reported until {until} ({origin})",
            'it must start in {first} or later; to ask "what if it had been different", set  kind = "counterfactual"',
        ),
        (
            "{what}从 {month} 开始，但统计数据已公布到 {until}（{origin}）",
            '假设情景须从 {first} 或以后开始；若要问“当初若不同会怎样”，请写 kind = "counterfactual"',
        ),
    ),
    "alters_the_past": Message(
        "E06",
        (
            "{what} alters the past: figures are reported until {until} ({origin})",
            'use [[change]] or [[stop]] from {first}; to ask about a different past, set  kind = "counterfactual"',
        ),
        (
            "{what}改动了过去：统计数据已公布到 {until}（{origin}）",
            '请用 [[change]] 或 [[stop]] 从 {first} 起改动；若要问“当初若不同会怎样”，请写 kind = "counterfactual"',
        ),
    ),
    "policy_again": Message(
        "E13",
        (
            'policy id "{id}" is already defined in {parent} ({origin})',
            "to alter it from a date use [[change]]; to end it use [[stop]]; to add another, give it a new id",
        ),
        (
            "政策标识“{id}”已在 {parent} 中定义（{origin}）",
            "从某月起改动请用 [[change]]；终止请用 [[stop]]；另加一项请换新标识",
        ),
    ),
    "unknown_thing": Message(
        "E23",
        ("{key} = {value}: no such {what}", "{near}known: {known}"),
        ("{key} = {value}：没有这个{what}", "{near}现有：{known}"),
    ),
    "where_mixed": Message(
        "E23",
        (
            "{key} = {value} names a designation, {name}, beside other names",
            "a designation stands alone: it covers every place as it is designated",
        ),
        ("{key} = {value} 把认定 {name} 与其他名称并列", "认定须单独书写：它涵盖每个已获认定的地点"),
    ),
    "not_a_designation": Message(
        "E23",
        (
            "{key} = {value} names a policy of type {type} that designates no places for this one",
            "name places, or a designation of places: {known}",
        ),
        ("{key} = {value} 是类型为 {type} 的政策，不能为本政策认定地点", "请写地点，或写认定地点的政策：{known}"),
    ),
    "nobody_designates": Message(
        "E23",
        (
            "{key} = {value}, but no policy of the scenario designates places at level {level} or above",
            'add a policy of type "designation" with that level, or name places',
        ),
        (
            "{key} = {value}，但本情景没有在 {level} 级或以上认定地点的政策",
            "请新增一项该级别、类型为 designation 的政策，或直接写地点",
        ),
    ),
    "outside_where": Message(
        "E23",
        ("{key} names {value}, where the policy does not act", "places the policy acts in: {where}"),
        ("{key} 中的 {value} 不在本政策的实施地点之内", "本政策的实施地点：{where}"),
    ),
    "one_place": Message(
        "E23",
        ("a {type} stands in one place, this one in {count}", "write one policy for each place, with its own  where"),
        ("{type} 只能设在一个地点，这里有{count}个", "请为每个地点各写一项政策，并分别写 where"),
    ),
    "place_or_places": Message(
        "E23",
        ("the scenario has both place and places", "write place for one county or places for several, not both"),
        ("同时写了 place 和 places", "单个县写 place，多个县写 places，不要同时写"),
    ),
    "broken_input": Message(
        "E23",
        ("{key} = {value} cannot be loaded: {detail}", "put the file of the {what} right, or name another"),
        ("{key} = {value} 无法载入：{detail}", "请改正该{what}的文件，或换一个"),
    ),
    "stale_fit": Message(
        "E41",
        (
            "fit {fit} was made with other inputs than there are now: {changed}",
            "fit again: countysim calibrate --settings {settings}\nor draw from priors: take  calibration = ...  out",
        ),
        (
            "校准结果 {fit} 所用的输入与现在不同：{changed}",
            "重新校准：countysim calibrate --settings {settings}\n或删去情景文件中的 calibration = ...，改从先验抽取",
        ),
    ),
    "nameless_fit": Message(
        "E41",
        ("fit {fit} does not say what it was made with", "fit again: countysim calibrate"),
        ("校准结果 {fit} 没有写明所用的输入", "请重新校准：countysim calibrate"),
    ),
    # --- months and sums --------------------------------------------------------------------------------------
    "month_order": Message(
        "E24",
        ("{late_key} = {late} lies before {early_key} = {early}", "put {late_key} at {early} or later"),
        ("{late_key} = {late} 早于 {early_key} = {early}", "请把 {late_key} 改为 {early} 或以后"),
    ),
    "outside_policy": Message(
        "E24",
        (
            '{what} acts from {month}, but policy "{policy}" is in force from {start} to {end}',
            "choose a month in between",
        ),
        ("{what}从 {month} 起生效，但政策“{policy}”的有效期是 {start} 至 {end}", "请选择有效期内的月份"),
    ),
    "payer_sum": Message(
        "E25",
        ("payer shares add up to {total}, not 100%", "{parts}"),
        ("出资比例合计为 {total}，不等于 100%", "{parts}"),
    ),
    "pays_itself": Message(
        "E25",
        (
            "{table} pays an award to the {level}, which cannot pay it to itself",
            'write  payer = "province", or leave the award out',
        ),
        ("{table}的奖励发给本县，不能由县级自己出资", '请写 payer = "province"，或删去 award'),
    ),
    "payer_level": Message(
        "E25",
        (
            "payer {value} is not a level of government",
            '{near}write "county", "province" or {{ county = "60%", province = "40%" }}',
        ),
        ("payer {value} 不是一级政府", '{near}请写 "county"、"province" 或 {{ county = "60%", province = "40%" }}'),
    ),
    "phases_sum": Message(
        "E26",
        (
            "phases open {total} plots in all, but plots = {plots}",
            "{parts} = {total}: alter a phase, or write  plots = {total}",
        ),
        ("各期地块合计 {total}，但 plots = {plots}", "{parts} = {total}：请改某一期，或写 plots = {total}"),
    ),
    "low_above_high": Message(
        "E27",
        ("{key} = {value} has low above high", "write the smaller value as low"),
        ("{key} = {value} 的 low 大于 high", "请把较小的值写为 low"),
    ),
    "bad_range": Message(
        "E27",
        ("{key} = {value} is not a value or a range", 'a range reads {{ low = "30%", high = "80%" }}'),
        ("{key} = {value} 既不是数值也不是区间", '区间写作 {{ low = "30%", high = "80%" }}'),
    ),
    "not_uncertain": Message(
        "E27",
        ("{key} cannot be uncertain", "write one value, for example {example}"),
        ("{key} 不能写成区间", "请写一个值，例如 {example}"),
    ),
    "bad_change": Message(
        "E29",
        (
            "{key} = {value} cannot be applied: {reason}",
            'write {{ times = 2 }}, {{ plus = "5 million yuan" }} or the new value',
        ),
        ("{key} = {value} 无法应用：{reason}", '请写 {{ times = 2 }}、{{ plus = "500万元" }} 或新的数值'),
    ),
    "bad_goal": Message(
        "E31",
        ('goal "{id}": no variable is called {value}', "{near}variables: {known}"),
        ("目标“{id}”：没有名为 {value} 的变量", "{near}变量：{known}"),
    ),
    "parameter_range": Message(
        "W33",
        ("parameter {key} = {value} lies outside {low} to {high}, the range its source allows", "{source}"),
        ("参数 {key} = {value} 超出来源给出的范围 {low} 至 {high}", "{source}"),
    ),
    # --- doubts and notes -------------------------------------------------------------------------------------
    "large_sum": Message(
        "W03",
        (
            "{key} = {value} is {share} of the place's reported output ({output} in {year})",
            '{meant}if it is right, add  accept = ["W03"]  to this policy',
        ),
        (
            "{key} = {value}，相当于当地公布产值的 {share}（{year}年 {output}）",
            '{meant}若确实如此，请在该政策中加上 accept = ["W03"]',
        ),
    ),
    "small_purse": Message(
        "W11",
        (
            'policy "{id}": {who} may be short of {missing} by {month}; what it cannot pay for is not built',
            """up to then its policies plan up to {planned}, {own} of it for this one
it has {opening} in {start} and takes in about {yearly} a year (an estimate from output and park rents)
spread the cost, let another payer bear a part, or accept it with  accept = ["W11"]""",
        ),
        (
            "政策“{id}”：到{month}，{who}的项目资金可能缺{missing}；付不起的部分不会建成",
            """到那时各项政策最多需其支出{planned}，其中本项政策{own}
{start}余额{opening}，每年收入约{yearly}（按产值和园区租金估算）
请分期实施、由其他级别分担，或在该政策中加上 accept = ["W11"]""",
        ),
    ),
    "nobody_eligible": Message(
        "W10",
        (
            'policy "{id}": no firm can apply. {count} of about {total} expected firms have {condition} ({origin})',
            "above-scale firms (规上) start at 2000万元. The fund would spend nothing; both scenarios would be equal",
        ),
        (
            "政策“{id}”：没有企业能申报。约 {total} 家企业中，{condition} 的约 {count} 家（{origin}）",
            "规上企业的标准是 2000万元。资金将一分未用，情景与基线结果相同",
        ),
    ),
    "beyond_world": Message(
        "E24",
        (
            '{key} = {month} lies outside world "{world}", which has values from {first} to {last}',
            "choose a month in between",
        ),
        ("{key} = {month} 超出外部环境“{world}”的范围（{first} 至 {last}）", "请选择范围内的月份"),
    ),
    "after_the_end": Message(
        "N02",
        (
            'what policy "{policy}" does from {month} is not seen: time.end = {end}',
            "let it begin earlier or set a later time.end",
        ),
        ("政策“{policy}”从 {month} 起的内容不会出现：time.end = {end}", "请提前生效月份，或推后 time.end"),
    ),
    "never_acts": Message(
        "N01",
        ("{id} and {baseline} give identical results in every month", "{reason}"),
        ("{id} 与 {baseline} 各月结果完全相同", "{reason}"),
    ),
    **PLACE_MESSAGES,
}
