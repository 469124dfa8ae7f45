"""Every code of the catalogue, reached by a file that deserves it, with file, line and the way out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.inputs.problems import InputErrors, Problem, messages
from sim.scenario.loader import load
from tests.scenario.test_place_doubts import ABOUT_PLACES
from tests.scenario.written import CHANGE, FUND, head, line_of, policy_of, replaced, write

REACHED: set[str] = set()


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)


AWARD = """\
[[policy]]
id = "towns"
type = "designation"
name = "Towns"
start = "2026-01"
source = "hypothetical"
payer = "county"
level = "province"
count = 1
select = "score"
award = "1 million yuan"
"""
"""An award that a county would pay to itself."""


def problems(
    text: str | bytes, name: str = "my", reference: str | None = None, **options: object
) -> tuple[Problem, ...]:
    """Load a file that has errors and return them."""
    write(Path(), name, text)
    with pytest.raises(InputErrors) as caught:
        load(reference or name, **options)  # type: ignore[arg-type]
    REACHED.update(problem.message for problem in caught.value.problems)
    return caught.value.problems


def expect_one(text: str | bytes, code: str, piece: str | int, **options: object) -> Problem:
    """Return the only problem of a file; it has this code and stands on the line that holds the piece."""
    found = problems(text, **options)  # type: ignore[arg-type]
    assert [problem.code for problem in found] == [code], [problem.text() for problem in found]
    line = piece if isinstance(piece, int) else line_of(str(text), piece)
    assert found[0].spot.file == "scenarios/my.toml"
    assert found[0].spot.line == line
    return found[0]


def fund(old: str, new: str) -> str:
    """Return a scenario whose fund differs in one piece."""
    return head() + replaced(FUND, old, new)


def check_said(problem: Problem, *words: str) -> None:
    """Check the words of a problem in English, and that there is Chinese."""
    text = problem.text("en")
    for word in words:
        assert word in text, text
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem.text("zh"))


# --- the codes of the design ---------------------------------------------------------------------------------


def test_e01_unknown_key_names_the_nearest() -> None:
    problem = expect_one(
        fund('source = "hypothetical"', 'source = "h"\nanual_budget = "1 yuan"'), "E01", "anual_budget"
    )
    check_said(
        problem,
        'unknown key "anual_budget" in policy "fund" (type fund)',
        'did you mean "annual_budget"?',
        "grant_share",
    )


def test_e01_in_a_sub_table() -> None:
    problem = expect_one(fund('  rule = "first_come"', '  rule = "first_come"\n  wieghts = {}'), "E01", "wieghts")
    check_said(problem, "allocation of policy", 'did you mean "weights"?', "rule, weights")


def test_e01_of_the_scenario_itself() -> None:
    check_said(expect_one(head() + 'quesion = "?"\n' + FUND, "E01", "quesion"), 'did you mean "question"?')


def test_e01_in_a_list_of_weights() -> None:
    text = fund('  rule = "first_come"', '  rule = "score"\n  weights = { expected_job = 1.0 }')
    check_said(expect_one(text, "E01", "expected_job "), 'did you mean "expected_jobs"?', "in_park")


def test_e01_assumed_names_a_field_that_is_not_there() -> None:
    check_said(
        expect_one(fund('payer = "county"', 'payer = "county"\nassumed = ["grant_shar"]'), "E01", "assumed"),
        "grant_share",
    )


def test_e01_accept_takes_warnings_only() -> None:
    check_said(expect_one(fund('payer = "county"', 'payer = "county"\naccept = ["E02"]'), "E01", "accept"), "W03, W10")


def test_e01_a_change_cannot_move_a_policy() -> None:
    check_said(expect_one(head() + CHANGE + 'end = "2027-01"\n', "E01", "end ="), "[[stop]]")


@pytest.mark.parametrize("value", ["200", "0", "1.5", "true"])
def test_e02_amount_without_a_unit(value: str) -> None:
    problem = expect_one(fund('annual_budget = "200 million yuan"', f"annual_budget = {value}"), "E02", "annual_budget")
    check_said(
        problem,
        f"annual_budget = {value} has no unit",
        '"200 million yuan", "2亿元" or "20000万元"',
        "factor of a million",
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("200 million", "no unit"),
        ("2 m", "unit"),
        ("200 USD", "not in yuan"),
        ("2亿美元", "not in yuan"),
        ("lots", "lots"),
    ],
)
def test_e02_amount_with_a_wrong_unit(value: str, words: str) -> None:
    text = fund('annual_budget = "200 million yuan"', f'annual_budget = "{value}"')
    check_said(expect_one(text, "E02", "annual_budget"), value, words)


def test_e02_other_units() -> None:
    park = head() + replaced(PARK, 'plot_area = "10 mu"', "plot_area = 10")
    check_said(expect_one(park, "E02", "plot_area"), 'for example "10 mu"')


def test_e04_share() -> None:
    check_said(
        expect_one(fund('grant_share = "20%"', "grant_share = 20"), "E04", "grant_share"),
        "grant_share = 20 is not a share",
        "0.20",
    )


def test_e05_change_of_a_policy_that_is_not_there() -> None:
    problem = expect_one(head() + replaced(CHANGE, '"fair"', '"fairs"') + "booths = 500\n", "E05", "policy = ")
    check_said(problem, 'change "more" amends policy "fairs", which yongnian-2023 does not have')
    check_said(problem, "park, fair, going-out", 'did you mean "fair"?')


def test_e05_stop_of_a_policy_that_is_not_there() -> None:
    check_said(expect_one(head() + '[[stop]]\npolicy = "fond"\nfrom = "2027-01"\n', "E05", "policy = "), 'stop "fond"')


def test_e05_variant_drops_what_is_not_there() -> None:
    text = head() + FUND + '[[variant]]\nid = "v"\nname = "V"\ndrop = ["policy.fnd"]\n'
    check_said(expect_one(text, "E05", "drop", reference="my:v"), 'did you mean "fund"?')


def test_e06_change_in_reported_months() -> None:
    text = head() + replaced(CHANGE, "2026-01", "2024-10") + "booths = 500\n"
    problem = expect_one(text, "E06", "from =")
    check_said(
        problem, 'change "more" starts 2024-10, but figures are reported until 2024-10', "2024-11", "counterfactual"
    )
    assert "scenarios/yongnian-2023.toml:" in problem.text()


def test_e06_first_month_after_the_reported_ones_is_free() -> None:
    write(Path(), "my", head() + replaced(CHANGE, "2026-01", "2024-11") + "booths = 500\n")
    assert policy_of(load("my").scenario, "fair").versions[1][0] == 2024 * 12 + 10


def test_e06_stop_and_new_policy_in_reported_months() -> None:
    check_said(expect_one(head() + '[[stop]]\npolicy = "park"\nfrom = "2024-01"\n', "E06", "from ="), 'stop "park"')
    check_said(
        expect_one(fund('start = "2026-01"', 'start = "2023-05"'), "E06", "start ="), 'policy "fund" starts 2023-05'
    )


def test_e06_variant_alters_an_inherited_policy() -> None:
    text = head() + FUND + '[[variant]]\nid = "v"\nname = "V"\nset = { "policy.fair.booths" = 500 }\n'
    check_said(expect_one(text, "E06", "set =", reference="my:v"), "alters the past", "[[change]]")
    text = head() + FUND + '[[variant]]\nid = "v"\nname = "V"\ndrop = ["policy.park"]\n'
    check_said(expect_one(text, "E06", "[[variant]]", reference="my:v"), "dropping policy")


def test_e07_unknown_parent() -> None:
    problem = expect_one(replaced(head(), "yongnian-2023", "yongnain-2023") + FUND, "E07", "extends")
    check_said(problem, 'extends = "yongnain-2023": no such scenario', 'did you mean "yongnian-2023"?', "known: ")


def test_e07_circle() -> None:
    write(Path(), "other", replaced(head("other"), "yongnian-2023", "my"))
    problem = problems(replaced(head(), "yongnian-2023", "other"))[0]
    assert problem.code == "E07"
    check_said(problem, "my → other → my: a scenario cannot extend itself")


def test_e07_extends_itself() -> None:
    check_said(expect_one(replaced(head(), "yongnian-2023", "my"), "E07", "extends"), "my → my")


def test_e07_unknown_scenario_and_variant() -> None:
    with pytest.raises(InputErrors, match='did you mean "yongnian-2023"') as caught:
        load("yongnain-2023")
    assert caught.value.problems[0].code == "E07"
    with pytest.raises(InputErrors, match="variants: fair2x, fund200m") as caught:
        load("yongnian-fair2x-fund200m:fair3x")
    assert caught.value.problems[0].code == "E07"
    REACHED.update({"no_scenario", "no_variant"})


@pytest.mark.parametrize("value", ['"2026-13"', "2026", '"Jan 2026"', '"2026"', "1.5", "true", '"2026-1"'])
def test_e08_month(value: str) -> None:
    check_said(
        expect_one(fund('start = "2026-01"', f"start = {value}"), "E08", "start ="),
        "is not a month",
        '"2026-01" … "2026-12"',
    )


def test_e08_month_of_the_year() -> None:
    check_said(expect_one(fund("[3, 8]", "[3, 13]"), "E08", "call_months"), "call_months[1] = 13", "1 (January) to 12")


def test_e09_weights() -> None:
    weights = "weights = { expected_jobs = 0.3, energy_saving = 0.3, automation = 0.3, in_park = 0.2 }"
    problem = expect_one(fund('rule = "first_come"', f'rule = "score"\n  {weights}'), "E09", "weights")
    check_said(problem, "weights of allocation", "add up to 1.10, not 1")
    check_said(problem, "expected_jobs 0.3 + energy_saving 0.3 + automation 0.3 + in_park 0.2")


def test_e09_weights_and_rule_belong_together() -> None:
    check_said(
        expect_one(fund('rule = "first_come"', 'rule = "score"'), "E09", "rule ="), "no weights", "expected_jobs = 0.6"
    )
    text = fund('rule = "first_come"', 'rule = "lottery"\n  weights = { in_park = 1.0 }')
    check_said(expect_one(text, "E09", "weights"), "does not use them")


def test_w03_large_sum() -> None:
    text = fund('annual_budget = "200 million yuan"', 'annual_budget = "200亿元"')
    write(Path(), "my", text)
    (problem,) = load("my").warnings
    assert (problem.code, problem.spot.line) == ("W03", line_of(text, "annual_budget"))
    check_said(problem, "48% of the place's reported output (42 billion yuan in 2023)", "2亿元", 'accept = ["W03"]')
    assert "相当于当地公布产值的 48%" in problem.text("zh")
    REACHED.add("large_sum")


def test_w03_in_a_change_stands_at_the_change() -> None:
    text = head() + CHANGE + 'organising_cost = "8 billion yuan/year"\n'
    write(Path(), "my", text)
    (problem,) = load("my").warnings
    assert (problem.code, problem.spot.line) == ("W03", line_of(text, "organising_cost"))


def test_w03_accepted() -> None:
    text = fund('annual_budget = "200 million yuan"', 'annual_budget = "200亿元"\naccept = ["W03", "W11"]')
    write(Path(), "my", text)
    assert load("my").warnings == ()


COSTLY_PARK = """\
[[policy]]
id = "second-park"
type = "park"
name = "Second park"
start = "2026-01"
source = "hypothetical"
payer = "county"
build_cost = "3 billion yuan"
accept = ["W03"]
plots = 120
plot_area = "10 mu"
rent = "12 yuan/m2/month"
phases = [{ opens = "2026-07", plots = 60 }, { opens = "2027-07", plots = 60 }]
[policy.admission]
rule = "first_come"
must_close_old_site = false
"""


def test_w11_a_county_that_cannot_pay() -> None:
    text = head() + COSTLY_PARK
    write(Path(), "my", text)
    (problem,) = load("my").warnings
    assert (problem.code, problem.spot.line) == ("W11", line_of(text, 'payer = "county"'))
    check_said(
        problem, 'policy "second-park": the county of Yongnian', "by 2027-07; what it cannot pay for is not built"
    )
    check_said(problem, "plan up to 3.07 billion yuan, 3 billion yuan of it for this one", 'accept = ["W11"]')
    check_said(problem, "it has 300 million yuan in 2023-01 and takes in about 220 million yuan a year")
    assert "政策“second-park”：到2027-07，河北省邯郸市永年区（县级）的项目资金可能缺" in problem.text("zh")
    REACHED.add("small_purse")


def test_w11_is_accepted_or_cured_by_another_payer_or_a_smaller_cost() -> None:
    for old, new in (
        ('accept = ["W03"]', 'accept = ["W03", "W11"]'),
        ('payer = "county"', 'payer = { county = "40%", province = "60%" }'),
        ("3 billion yuan", "0.5 billion yuan"),
    ):
        write(Path(), "my", head() + replaced(COSTLY_PARK, old, new))
        found = [problem for problem in load("my").warnings if problem.code == "W11"]
        assert [problem.values["who"]["en"][:12] for problem in found] == (["the province"] if "60%" in new else [])


def test_w11_gives_way_to_a_sum_out_of_proportion() -> None:
    write(Path(), "my", head() + replaced(COSTLY_PARK, 'accept = ["W03"]\n', ""))
    assert [problem.code for problem in load("my").warnings] == ["W03"]


def test_w10_nobody_can_apply() -> None:
    text = fund('revenue_at_least = "20 million yuan"', 'revenue_at_least = "200亿元"')
    write(Path(), "my", text)
    (problem,) = load("my").warnings
    assert (problem.code, problem.spot.line) == ("W10", line_of(text, "revenue_at_least"))
    check_said(problem, 'policy "fund": no firm can apply', "of about 18,000 expected firms", "2000万元")
    REACHED.add("nobody_eligible")


def test_e11_gbk_and_utf16() -> None:
    text = head() + 'name_zh = "采购会"\n'
    for encoding, name in (("gbk", "GBK"), ("utf-16", "UTF-16")):
        found = problems(text.encode(encoding))
        assert [problem.code for problem in found] == ["E11"]
        check_said(found[0], name, "countysim scenario fix-encoding my")
    assert problems(text.encode("gbk"))[0].spot.line == 6


def test_e12_full_width_characters() -> None:
    text = head() + 'name_zh = “采购会翻番”\nquestion ＝ "why"\n'
    found = problems(text)
    assert [(problem.code, problem.spot.line) for problem in found] == [("E12", 6), ("E12", 7)]
    check_said(found[0], "“ (U+201C)", 'plain "', "6 | name_zh = “采购会翻番”", "fix-encoding my")
    check_said(found[1], "＝ (U+FF1D)")


def test_full_width_text_in_quotes_and_comments_is_fine() -> None:
    write(Path(), "my", head() + 'name_zh = "采购会，翻番（一）"  # “注释”\n' + FUND)
    assert load("my").scenario.name_zh == "采购会，翻番（一）"


def test_e13_policy_again() -> None:
    problem = expect_one(head() + replaced(FUND, 'id = "fund"', 'id = "fair"'), "E13", 'id = "fair"')
    check_said(
        problem,
        'policy id "fair" is already defined in yongnian-2023 (scenarios/yongnian-2023.toml:',
        "[[change]]",
        "[[stop]]",
    )


def test_e14_key_of_the_scenario_below_a_header() -> None:
    problem = expect_one(
        head() + CHANGE + 'booths = 500\n[[stop]]\npolicy = "park"\nfrom = "2027-01"\nquestion = "?"\n',
        "E14",
        "question",
    )
    check_said(problem, '"question" stands after the header [[stop]]', "above the first [header]")
    check_said(expect_one(head() + '[time]\nworld = "low"\n', "E14", "world"), "[time]")


def test_e14_key_of_the_policy_below_a_sub_table() -> None:
    problem = expect_one(head() + FUND + '  source = "again"\n', "E14", 'source = "again"')
    check_said(problem, "[policy.allocation]", "move the line up")


def test_n02_change_after_the_end() -> None:
    text = head() + replaced(CHANGE, "2026-01", "2031-01") + "booths = 500\n"
    write(Path(), "my", text)
    (problem,) = load("my").warnings
    assert (problem.code, problem.spot.line) == ("N02", line_of(text, "booths"))
    check_said(problem, "time.end = 2030-12")
    REACHED.add("after_the_end")


# --- further codes -------------------------------------------------------------------------------------------

PARK = """\
[[policy]]
id = "park2"
type = "park"
name = "Park"
start = "2026-01"
source = "hypothetical"
payer = "county"
build_cost = "100 million yuan"
plots = 30
plot_area = "10 mu"
rent = "12 yuan/m2/month"
phases = [{ opens = "2026-06", plots = 10 }, { opens = "2027-06", plots = 20 }]
admission = { rule = "lottery", must_close_old_site = false }
"""


def test_e15_missing_keys_are_told_together() -> None:
    text = fund('grant_share = "20%"\ncap_per_firm = "5 million yuan"\n', "")
    problem = expect_one(text, "E15", "[[policy]]")
    check_said(problem, 'has no "grant_share", "cap_per_firm"', 'grant_share = "20%"', "Largest grant to one firm")


def test_e15_nothing_is_borrowed_by_a_scenario_that_stands_alone() -> None:
    found = problems('schema = 1\nid = "my"\nname = "x"\nkind = "baseline"\n')
    assert {problem.code for problem in found} == {"E15"}
    text = "\n".join(problem.text() for problem in found)
    for key in ("world", "time.start", "time.end", "time.reported_until", "run.replicates", "run.seed", "place"):
        assert f'"{key}"' in text


def test_e15_payer_kind_and_counterfactual() -> None:
    check_said(expect_one(fund('payer = "county"\n', ""), "E15", "[[policy]]"), '"payer"')
    check_said(expect_one(replaced(head(), 'kind = "what-if"\n', ""), "E15", 1), '"kind"')
    text = replaced(head(kind="counterfactual"), 'extends = "yongnian-2023"\n', "")
    assert "counterfactual_alone" in [problem.message for problem in problems(text)]


def test_e16_words_and_types() -> None:
    check_said(
        expect_one(fund('"equipment"', '"equipement"'), "E16", "pays_for"), 'did you mean "equipment"?', "loan_interest"
    )
    check_said(expect_one(fund('name = "Fund"', "name = 7"), "E16", "name = 7"), "is not text")
    check_said(expect_one(fund("[3, 8]", "3"), "E16", "call_months"), "is not a list")
    check_said(expect_one(fund('  rule = "first_come"', '  rule = ["x"]'), "E16", "rule"), "first_come")
    check_said(expect_one(head() + 'time = "2026"\n', "E16", "time"), "is not a table")
    check_said(expect_one(head() + 'policy = "fund"\n', "E16", "policy"), "[[policy]]")
    check_said(
        expect_one(replaced(head(), 'kind = "what-if"', 'kind = "whatif"'), "E16", "kind"), 'did you mean "what-if"?'
    )
    text = replaced(PARK, "must_close_old_site = false", 'must_close_old_site = "no"')
    check_said(expect_one(head() + text, "E16", "admission"), "true or false")


def test_e17_numbers() -> None:
    check_said(expect_one(head() + CHANGE + "booths = -1\n", "E17", "booths"), "less than 0")
    check_said(expect_one(head() + CHANGE + "booths = 1.5\n", "E17", "booths"), "not a whole number")
    check_said(expect_one(head() + CHANGE + 'booths = "380"\n', "E17", "booths"), "without quotes")
    check_said(expect_one(head() + CHANGE + "booths = inf\n", "E17", "booths"), "booths = inf")
    check_said(expect_one(head() + CHANGE + f"booths = {'9' * 400}\n", "E17", "booths"), "booths = 999")
    check_said(expect_one(head() + "[run]\nreplicates = 0\n", "E17", "replicates"), "less than 1")


def test_e18_ids() -> None:
    check_said(expect_one(fund('id = "fund"', 'id = "Fund 1"'), "E18", "Fund 1"), "small letters, digits and hyphens")
    check_said(expect_one(head("other") + FUND, "E18", "id ="), "my.toml", 'write  id = "my"')
    check_said(
        expect_one(head() + FUND + FUND, "E18", 0 + line_of(head() + FUND, "[[policy]]") + 25 - 4),
        'policy "fund" stands twice',
    )


def test_e18_file_name() -> None:
    write(Path(), "My File", head("my"))
    with pytest.raises(InputErrors) as caught:
        load("scenarios/My File.toml")
    assert [problem.message for problem in caught.value.problems] == ["bad_file_name"]
    REACHED.add("bad_file_name")


@pytest.mark.parametrize("reference", ["../my", "scenarios/my", "/etc/passwd", "", "My", "a b", "x\0y", "x" * 5000])
def test_e18_a_path_is_not_an_id(reference: str) -> None:
    with pytest.raises(InputErrors) as caught:
        load(reference)
    assert caught.value.problems[0].code in ("E18", "E07")
    REACHED.update(problem.message for problem in caught.value.problems)


def test_e18_extends_must_be_an_id() -> None:
    expect_one(replaced(head(), '"yongnian-2023"', '"../secret"') + FUND, "E07", "extends")


def test_e18_change_with_an_inherited_id() -> None:
    write(Path(), "parent", head("parent") + CHANGE + "booths = 500\n")
    text = replaced(head(), "yongnian-2023", "parent") + CHANGE + "booths = 600\n"
    check_said(expect_one(text, "E18", 'id = "more"'), "scenarios/parent.toml:7")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("grant = 20%", 'grant = "20%"'),
        ("start = 2026-01", 'start = "2026-01"'),
        ("name_zh = 采购会", 'name_zh = "采购会"'),
        ("just words", "key = value"),
        ('x = "open', "quote"),
        ("[time", "[header]"),
    ],
)
def test_e19_syntax(line: str, words: str) -> None:
    check_said(expect_one(head() + line + "\n" + FUND, "E19", line), words)


def test_e19_every_unreadable_line_is_told() -> None:
    found = problems(head() + "a = 20%\nb = 2026-01\n" + FUND)
    assert [(problem.code, problem.spot.line) for problem in found] == [("E19", 6), ("E19", 7)]


def test_e19_key_twice_and_deep_nesting() -> None:
    check_said(expect_one(head() + 'name = "again"\n' + FUND, "E19", 6), "twice")
    assert problems(head() + "x = " + "[" * 20_000 + "\n")[0].code == "E19"


def test_e22_files() -> None:
    check_said(expect_one("", "E22", 1), "empty")
    check_said(expect_one("  \n\n", "E22", 1), "empty")
    assert problems(b"\xef\xbb\xbf")[0].message == "empty_file"
    assert problems(b"\x00\x01\x02\xff" * 50)[0].message == "binary_file"
    assert problems(head() + "# \0")[0].message == "binary_file"
    assert problems("#" * 5_000_001)[0].message == "too_large"
    for reference in ("nowhere.toml", "no/where.toml"):
        with pytest.raises(InputErrors) as caught:
            load(reference)
        assert caught.value.problems[0].message == "no_file"
    Path("scenarios/folder.toml").mkdir()
    with pytest.raises(InputErrors) as caught:
        load("scenarios/folder.toml")
    assert caught.value.problems[0].message == "unreadable"
    REACHED.update({"no_file", "unreadable"})


def test_e23_things_that_do_not_exist() -> None:
    check_said(expect_one(head() + 'world = "centrel"\n', "E23", "world"), 'did you mean "central"?')
    check_said(expect_one(head() + 'place = "yongnain"\n', "E23", "place"), 'did you mean "yongnian"?')
    check_said(expect_one(head() + 'calibration = "yongnian-r9"\n', "E23", "calibration"), "calibration/fits")
    check_said(expect_one(head() + 'place = "yongnian"\nplaces = ["yongnian"]\n', "E23", "places"), "not both")
    check_said(expect_one(replaced(head(), "schema = 1", "schema = 2"), "E23", "schema"), "schema = 1")
    check_said(
        expect_one(fund('payer = "county"', 'payer = "county"\nwhere = "anping"'), "E23", "where"), "known: yongnian"
    )
    text = head() + "[parameters]\ninvestment.user_cost_elasticty = 1.2\n"
    check_said(expect_one(text, "E23", "elasticty"), 'did you mean "investment.user_cost_elasticity"?')


def test_e23_broken_world() -> None:
    worlds = Path("scenarios/worlds")
    worlds.mkdir()
    (worlds / "odd.toml").write_text('schema = 1\nid = "odd"\nlike = "nowhere"\n', encoding="utf-8")
    found = problems(head() + 'world = "odd"\n')
    assert {problem.spot.file for problem in found} == {"scenarios/worlds/odd.toml"}
    assert {problem.code for problem in found} == {"E15"}


def test_e23_a_world_that_cannot_be_followed() -> None:
    worlds = Path("scenarios/worlds")
    worlds.mkdir()
    text = 'schema = 1\nid = "odd"\nname = "Odd"\nlike = "central"\nfirst = 2014\nlast = 2035\nbase_year = 2023\n'
    for year, rate in ((2015, -95), (2016, 3000)):
        text += f'[[wage]]\nyears = "{year}"\ngrowth = "{rate}%"\nnote = "wild"\n'
    (worlds / "odd.toml").write_text(text, encoding="utf-8")
    check_said(expect_one(head() + 'world = "odd"\n', "E23", "world"), "cannot be loaded", "too wild")


def test_e24_months_out_of_order() -> None:
    check_said(
        expect_one(fund('end = "2028-12"', 'end = "2025-12"'), "E24", "end ="),
        "end = 2025-12 lies before start = 2026-01",
    )
    check_said(expect_one(head() + '[time]\nend = "2022-01"\n', "E24", "end ="), "time.start = 2023-01")
    check_said(expect_one(head() + '[time]\nend = "2099-01"\n', "E24", "end ="), "outside world")
    late = FUND + '[[change]]\nid = "c"\npolicy = "fund"\nfrom = "2029-01"\nset = { grant_share = "30%" }\n'
    check_said(expect_one(head() + late, "E24", 'from = "2029-01"'), "in force from 2026-01 to 2028-12")
    check_said(
        expect_one(head() + FUND + '[[stop]]\npolicy = "fund"\nfrom = "2030-01"\n', "E24", 'from = "2030-01"'),
        "2028-12",
    )


def test_e25_payer() -> None:
    text = fund('payer = "county"', 'payer = { county = "60%", province = "50%" }')
    check_said(expect_one(text, "E25", "payer"), "1.1", "county 0.6 + province 0.5")
    check_said(expect_one(fund('payer = "county"', 'payer = "conty"'), "E25", "payer"), 'did you mean "county"?')
    expect_one(fund('payer = "county"', "payer = 5"), "E25", "payer")
    expect_one(fund('payer = "county"', "payer = { county = 60, province = 40 }"), "E04", "payer")
    text = head() + AWARD
    check_said(expect_one(text, "E25", "payer"), "cannot pay it to itself", 'payer = "province"')
    later = '[[change]]\nid = "more"\npolicy = "towns"\nfrom = "2027-01"\n[change.set]\naward = "1 million yuan"\n'
    expect_one(head() + replaced(AWARD, 'award = "1 million yuan"\n', "") + later, "E25", "payer")


def test_e26_phases() -> None:
    check_said(
        expect_one(head() + replaced(PARK, "plots = 30", "plots = 31"), "E26", "phases"),
        "30",
        "10 + 20 = 30",
        "plots = 31",
    )


def test_e27_ranges() -> None:
    text = head() + CHANGE
    check_said(expect_one(text + "booths = { low = 5, high = 3 }\n", "E27", "booths"), "low above high")
    check_said(expect_one(text + "booths = { low = 5 }\n", "E27", "booths"), "is not a value or a range")
    check_said(expect_one(text + "every = { month = { low = 5, high = 6 } }\n", "E27", "every"), "cannot be uncertain")
    check_said(
        expect_one(head() + replaced(PARK, "plots = 30", "plots = { low = 1, high = 2 }"), "E27", "plots = {"), "plots"
    )


def test_e28_policy_type() -> None:
    check_said(
        expect_one(fund('type = "fund"', 'type = "fnd"'), "E28", "type"),
        'did you mean "fund"?',
        "exhibition, fair, fund, park",
    )


@pytest.mark.parametrize(
    "value",
    [
        "{ times = 2, plus = 3 }",
        "{ times = -1 }",
        '{ times = "2" }',
        "{ times = nan }",
        "{ plus = { low = 1, high = 2 } }",
        '{ plus = "many" }',
    ],
)
def test_e29_arithmetic(value: str) -> None:
    check_said(
        expect_one(head() + CHANGE + f"booths = {value}\n", "E29", "booths"), "cannot be applied", "{ times = 2 }"
    )


def test_e29_arithmetic_on_words_and_without_unit() -> None:
    check_said(expect_one(head() + CHANGE + "exhibitors = { times = 2 }\n", "E29", "exhibitors"), "not a number")
    expect_one(head() + CHANGE + "booth_fee = { plus = 5 }\n", "E29", "booth_fee")
    expect_one(head() + CHANGE + "booth_subsidy = { plus = 5 }\n", "E29", "booth_subsidy")


def test_e31_goal() -> None:
    goal = '[[goal]]\nid = "g"\nvariable = "{}"\nat_least = {}\nby = "2028-11"\nsource = "s"\n'
    check_said(expect_one(head() + goal.format("output", '"1 yuan"'), "E31", "variable"), "output_value")
    check_said(expect_one(head() + goal.format("output_value", "1000"), "E02", "at_least"), "no unit")
    check_said(expect_one(head() + goal.format("makers", '"many"'), "E02", "at_least"), "whole number")
    listed = expect_one(head() + goal.format("little_ginats", "5"), "E31", "variable")
    check_said(listed, "designated_towns")
    check_said(listed, "provincial_towns")
    expect_one(head() + goal.format("output_value_yoy", '"9%"'), "E31", "variable")


def test_e32_overrides() -> None:
    for words in ("policy.fair=5", "booths=5", "nonsense", "policy.fair.booths=", "=5", "..=1"):
        found = problems(head() + FUND, overrides=[words])
        assert [problem.code for problem in found] == ["E32"], words
        check_said(found[0], "policy.fair.booths=500")
    found = problems(head() + FUND, overrides=["policy.fiar.booths=500"])
    assert found[0].code == "E05"
    found = problems(head() + FUND, overrides=["policy.fair.boths=500", "time.end=2028-13", "wrold=low"])
    assert sorted(problem.code for problem in found) == ["E01", "E08", "E32"]


def test_w33_parameter_out_of_range() -> None:
    write(Path(), "my", head() + "[parameters]\ninvestment.user_cost_elasticity = 99\n")
    (problem,) = load("my").warnings
    assert (problem.code, problem.spot.line) == ("W33", 7)
    expect_one(head() + '[parameters]\ninvestment.user_cost_elasticity = "x"\n', "E17", "elasticity")
    expect_one(head() + "parameters = 5\n", "E16", "parameters")
    REACHED.add("parameter_range")


# --- designations and designated places ------------------------------------------------------------------------


NAME = """\
[[policy]]
id = "batch"
type = "designation"
name = "Batch"
start = "2026-01"
source = "hypothetical"
level = "province"
count = 1
select = "score"
"""


def named_fund(where: str, before: str = NAME) -> str:
    """Return a scenario with a designation and a fund that acts where the text says."""
    return head() + before + replaced(FUND, 'payer = "county"', f'payer = "county"\nwhere = {where}')


def test_a_policy_may_wait_for_a_designation() -> None:
    for where in ('"batch"', '["batch"]', '"designated:province"', '"designated:city"', '["yongnian"]'):
        write(Path(), "my", named_fund(where))
        assert policy_of(load("my").scenario, "fund").where == ("yongnian",)


def test_where_names_what_there_is() -> None:
    problem = expect_one(named_fund('"bach"'), "E23", 'where = "bach"')
    check_said(problem, 'where = "bach": no such place', 'did you mean "batch"?', "known: yongnian, batch")
    check_said(expect_one(named_fund('"designated:country"'), "E23", "where ="), "no such level", "designated:city")
    nation = expect_one(named_fund('"designated:nation"'), "E23", "where =")
    check_said(nation, "no policy of the scenario designates places at level nation or above")
    check_said(expect_one(named_fund('"fair"'), "E23", "where ="), "policy of type fair", "batch")
    check_said(expect_one(named_fund('"fund"'), "E23", "where ="), "policy of type fund")
    check_said(expect_one(named_fund('["batch", "yongnian"]'), "E23", "where ="), "a designation stands alone")


def test_a_designation_of_firms_is_no_place() -> None:
    firms = replaced(NAME, "count = 1", 'count = 1\nscope = "firms"\nhonour = "srdi"')
    check_said(expect_one(named_fund('"batch"', firms), "E23", "where ="), "designates no places")


@pytest.mark.parametrize("places", ["batch", "designated:province", "all", "yongnian"])
def test_the_first_step_of_a_fund_may_ask_for_a_designation(places: str) -> None:
    across = f'  [policy.across]\n  places = "{places}"\n  rule = "equal"\n'
    write(Path(), "my", head() + NAME + FUND + across)
    assert policy_of(load("my").scenario, "fund").versions[0][1].across.places == places  # type: ignore[attr-defined]


def test_the_first_step_of_a_fund_names_what_there_is() -> None:
    for places, said in (
        ("anping", "across.places"),
        ("designated:nation", "designates places at level nation"),
        ("fair", "policy of type fair"),
        ("batch, yongnian", "stands alone"),
    ):
        across = f'  [policy.across]\n  places = "{places}"\n  rule = "equal"\n'
        check_said(expect_one(head() + NAME + FUND + across, "E23", f'places = "{places}"'), said)


def test_what_a_designation_needs() -> None:
    both = replaced(NAME, "count = 1", "count = 1\ncount_total = 3")
    check_said(expect_one(head() + both, "E15", "count_total"), 'needs one of "count", "count_total"')
    listed = replaced(NAME, "count = 1", 'count = 1\nlisted = ["yongnian"]')
    check_said(expect_one(head() + listed, "E16", "listed"), 'has listed, which does not go with select = "score"')
    unknown = replaced(listed, '"score"', '"listed"').replace("yongnian", "yongnain")
    check_said(expect_one(head() + unknown, "E23", "listed"), 'did you mean "yongnian"?')
    paid = replaced(NAME, "count = 1", 'count = 1\naward = "5 million yuan"')
    check_said(expect_one(head() + paid, "E15", "[[policy]]"), '"payer"')


def test_a_listed_place_must_be_one_the_policy_acts_in() -> None:
    text = replaced(head(), 'name = "A test"', 'name = "A test"\nplaces = ["yongnian", "anping"]')
    text = text.replace('extends = "yongnian-2023"\n', "").replace('kind = "what-if"', 'kind = "baseline"')
    text += 'world = "central"\n[time]\nstart = "2023-01"\nreported_until = "2024-10"\nend = "2026-12"\n'
    text += "[run]\nreplicates = 2\nseed = 1\n"
    batch = replaced(NAME, 'select = "score"', 'select = "listed"\nlisted = ["anping"]\nwhere = "yongnian"')
    check_said(expect_one(text + batch, "E23", "listed = "), 'listed names "anping", where the policy does not act')


def test_a_park_stands_in_one_place() -> None:
    """Its plots are one table: tenants of several places would share them."""
    text = replaced(head(), 'name = "A test"', 'name = "A test"\nplaces = ["yongnian", "anping"]')
    text = text.replace('extends = "yongnian-2023"\n', "").replace('kind = "what-if"', 'kind = "baseline"')
    text += 'world = "central"\n[time]\nstart = "2023-01"\nreported_until = "2024-10"\nend = "2026-12"\n'
    text += "[run]\nreplicates = 2\nseed = 1\n"
    everywhere = text + PARK
    said = [problem for problem in problems(everywhere) if problem.message == "one_place"]
    assert len(said) == 1
    check_said(said[0], "a park stands in one place, this one in 2")
    write(Path(), "my", text + replaced(PARK, 'payer = "county"', 'payer = "county"\nwhere = "anping"'))
    assert load("my").scenario.policies[0].where == ("anping",)


def test_public_projects_need_a_payer() -> None:
    text = (
        head()
        + """\
[[policy]]
id = "plants"
type = "project"
name = "Plants"
start = "2026-01"
source = "hypothetical"
projects = 3
value = "300 million yuan"
build_months = 12
money = "public"
"""
    )
    check_said(expect_one(text, "E15", "[[policy]]"), '"payer"')
    write(Path(), "my", replaced(text, 'money = "public"\n', ""))
    assert load("my").scenario.policies[-1].payer == {}


# --- together ------------------------------------------------------------------------------------------------


def test_all_problems_at_once_and_in_order() -> None:
    text = replaced(fund('grant_share = "20%"', "grant_share = 20"), "[3, 8]", "[0]")
    text = replaced(text, 'pays_for = "equipment"', "anual = 1\npays_for = 3")
    text += CHANGE + 'boths = 5\n[[stop]]\npolicy = "fair2"\nfrom = "2026-13"\n'
    found = problems(text)
    assert [problem.code for problem in found] == ["E01", "E16", "E04", "E08", "E01", "E05", "E08"]
    assert [problem.spot.line for problem in found] == sorted(problem.spot.line for problem in found)


def test_problems_of_the_parent_are_told_with_the_parents_file() -> None:
    write(Path(), "parent", replaced(head("parent") + FUND, '"20%"', "20"))
    text = replaced(head(), "yongnian-2023", "parent") + replaced(
        FUND.replace('id = "fund"', 'id = "f2"'), '"20%"', "30"
    )
    found = problems(text)
    assert [(problem.code, problem.spot.file) for problem in found] == [
        ("E04", "scenarios/my.toml"),
        ("E04", "scenarios/parent.toml"),
    ]


def test_text_from_files_is_never_a_template_nor_steers_the_terminal() -> None:
    problem = expect_one(fund('"equipment"', '"{0} {code} \\u001b[31m"'), "E16", "pays_for")
    text = problem.text()
    assert "{0} {code}" in text
    assert "\x1b" not in text


def test_every_message_is_reached_by_a_test() -> None:
    """Runs last: all messages but those told only by commands or by cross-checks of two scenarios.

    Where tests are spread over processes none knows what the others reached, so the module is run again in one.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", str(Path(__file__))]
        done = subprocess.run(command, cwd=Path(__file__).parents[2], env=alone, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:]
        return
    by_commands = {
        "never_acts",
        "file_exists",
        "weights_unused",
        "stale_fit",
        "nameless_fit",
        "damaged_fit",
        "bad_draw",
        "no_draws",
    }
    elsewhere = {*by_commands, *ABOUT_PLACES, "broken_type"}  # the last in tests/policies/test_a_new_type.py
    # Those of other files, most without a code: tests/inputs/test_messages_of_inputs.py.
    elsewhere |= {"bad_form", *(name for name, message in messages().items() if not message.code)}
    if len(REACHED) < 10:
        pytest.skip("only meaningful after the tests above")
    assert set(messages()) - REACHED - elsewhere == set()


@pytest.mark.parametrize("key", sorted(messages()))
def test_templates_name_the_same_values_in_both_languages(key: str) -> None:
    from string import Formatter

    message = messages()[key]
    names = [
        {name for part in parts for _, name, _, _ in Formatter().parse(part) if name}
        for parts in (message.en, message.zh)
    ]
    assert names[1] <= names[0] | {"value", "example"}
