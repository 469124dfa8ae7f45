"""Messages about files, references, months, sums, and what deserves a second look."""

from __future__ import annotations

from sim.scenario.message import Message

FILE_MESSAGES: dict[str, Message] = {
    # --- the file itself --------------------------------------------------------------------------------------
    "syntax": Message(
        "E19",
        ("the line cannot be read as TOML: {detail}", "{hint}"),
        ("这一行不符合 TOML 语法（{detail}）", "{hint}"),
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
        (
            '{what} amends policy "{value}", which {parent} does not have',
            "policies there are: {known}   {near}",
        ),
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
            "fit again: countysim calibrate --settings {settings}\nor assume values: take  calibration = ...  out",
        ),
        (
            "校准结果 {fit} 所用的输入与现在不同：{changed}",
            "重新校准：countysim calibrate --settings {settings}\n或删去情景文件中的 calibration = ...，改用假设值",
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
        (
            "{id} and {baseline} give identical results in every month",
            "{reason}",
        ),
        ("{id} 与 {baseline} 各月结果完全相同", "{reason}"),
    ),
}
