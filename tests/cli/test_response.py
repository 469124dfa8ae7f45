"""``countysim response`` and ``fit --firms``: what is printed in both languages and for programs, and mistakes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.reporting import firm_statistics
from sim.sensitivity import response as responses
from sim.sensitivity.response import AFTER, CHANGES, CONSTANT_YEARS, OUTCOMES, Response
from sim.validation import firm_facts
from tests.calibrate.made_fits import fitted, look_in

QUICK = ("-n", "2", "--draws", "assumed", "--scale", "50", "--jobs", "1")


def made(fit: str = "guanxian-r1") -> Response:
    """Return invented responses to every change."""
    draws = np.random.default_rng(1)
    constant = draws.uniform(1.0, 1.1, (4, CONSTANT_YEARS, len(OUTCOMES)))
    changed = {change.id: draws.uniform(1.0, 1.1, (4, len(AFTER), len(OUTCOMES))) for change in CHANGES}
    return Response("guanxian", "guanxian-2023", fit, 1, 0.25, constant, changed)


def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep invented responses beside an invented fit of Guanxian; return the file."""
    fitted(tmp_path, "guanxian-r1", "guanxian-2023")
    look_in(tmp_path, monkeypatch)
    return responses.keep(made())


def test_changes_run_and_are_told(call: Callable[..., Any]) -> None:
    words = ("response", "qiuxian", *QUICK, "--only", "entry-none", "--only", "home-10")
    code, out, err = call(*words, "--lang", "en")
    assert code == 0
    assert "no firm enters" in out
    assert "demand at home +10%" in out
    assert "in the fifth year with the change" in out
    assert "assumed values" in out
    assert "2 to do" in err
    code, out, err = call(*words, "--lang", "zh")
    assert code == 0
    assert "无新设企业" in out
    assert "to do" not in err  # used again
    code, out, _ = call(*words, "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 2 * len(OUTCOMES) * len(AFTER)
    assert {row["change"] for row in rows} == {"entry-none", "home-10"}
    firms = next(
        row for row in rows if (row["change"], row["outcome"], row["year"]) == ("entry-none", "businesses", "5")
    )
    assert float(firms["median"]) < -0.05
    code, out, _ = call(*words, "--json")
    found = json.loads(out)
    assert found["draws"] == 2
    assert {item["change"] for item in found["expected"]} == {"entry-none"}
    assert set(found["constant"]) == set(responses.STAYS)


def test_what_is_kept_is_printed_without_a_run(
    call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(tmp_path, monkeypatch)
    code, out, err = call("response", "guanxian", "--lang", "en")
    assert (code, err) == (0, "")
    assert "median of 4 draws (guanxian-r1)" in out
    assert "expected responses came out" in out
    code, out, _ = call("response", "guanxian", "--lang", "zh", "--all")
    assert "项预期反应中" in out
    assert "工资随价格变动" in out
    assert "wages follow prices" not in out


def test_the_list_of_changes(call: Callable[..., Any]) -> None:
    code, out, _ = call("response", "guanxian", "--list", "--lang", "zh")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [change.id for change in CHANGES]
    assert "钢价+50%" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("atlantis",), "no baseline answers"),
        (("guanxian", "-n", "1"), "2 draws or more"),
        (("guanxian", "--scale", "0"), "1 or more firms"),
        (("guanxian", "--draws", "mine"), "posterior or assumed"),
        (("guanxian", "--csv", "--json"), "exclude each other"),
        (("guanxian", "--only", "sunshine", "--draws", "assumed"), "known: entry-3"),
        (("guanxian", "--only", "links", "--draws", "assumed", "--keep"), "only all changes on draws of a fit"),
    ],
)
def test_mistakes_end_with_one_message_and_code_2(call: Callable[..., Any], words: tuple[str, ...], said: str) -> None:
    code, out, err = call("response", *words)
    assert (code, out) == (2, "")
    assert said in err


def test_too_few_draws_for_facts(call: Callable[..., Any]) -> None:
    code, _, err = call("fit", "guanxian", "--firms", "2")
    assert code == 2
    assert "5 draws or more" in err


def test_a_fit_without_facts_says_how_to_measure_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.calibrate.fits import read_fit
    from sim.report.posterior_table import facts_lines, facts_record

    fitted(tmp_path, "guanxian-r1", "guanxian-2023")
    look_in(tmp_path, monkeypatch)
    fit = read_fit("guanxian-r1")
    assert "countysim fit guanxian --firms 12" in facts_lines(fit, "en")[0]
    assert facts_record(fit) is None
    values = np.full((5, len(firm_statistics.DESCRIBED)), 1.0)
    values[0, firm_statistics.MEASURED.index("foreign_links")] = np.nan
    firm_facts.keep(firm_facts.FirmsOfDraws("guanxian", "guanxian-2023", 1, 10, values), "guanxian-r1")
    english, chinese = (facts_lines(fit, language) for language in ("en", "zh"))
    assert english[0].startswith("facts of firms, 5 draws")
    assert any("shape of growth rates" in line and "5/5" in line for line in english)
    assert any("missed" in line for line in english)
    assert "拉普拉斯" in "".join(chinese)
    record = facts_record(fit)
    assert record is not None
    assert record["of_the_fit_as_it_is"] is True
    assert record["facts"][-1]["values"][0] is None
    json.dumps(record, allow_nan=False)
