"""Messages about single keys and values of a scenario file."""

from __future__ import annotations

from sim.scenario.message import Message

_WRITE_YUAN = '"200 million yuan", "2亿元" or "20000万元"'

VALUE_MESSAGES: dict[str, Message] = {
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
        "E02",
        ("{key} = {detail}", "{advice}"),
        ("{key} = {value}：单位或数额无法识别", "请按这样书写：{example}"),
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
        ("a policy type of the project cannot be read: {what}", "put it right, or move its folder out of policies"),
        ("项目自带的政策类型无法读取：{what}", "请改正，或把该文件夹移出 policies"),
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
}
