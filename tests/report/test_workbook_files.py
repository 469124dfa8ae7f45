"""The workbook as a file: hostile names, equal bytes, several places, no fair, a target that is open or read-only."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.compare import compare
from sim.errors import UserError
from sim.report.workbook import to_excel, workbook_bytes, write_beside
from tests.compare.fake_run import make_pair, make_policy, make_scenario, two_places
from tests.report import figures_fakes as fakes
from tests.report.workbook_reading import all_cells, opened, table, texts

HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "http://example.org",
    "[bold]x[/]",
    "一行\n二行\x07\ud800",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_text(name: str) -> None:
    policy = make_policy(name=name, name_zh=name, source=name)
    scenario = make_scenario("b", name=name, name_zh=name, policies=(policy,))
    runs = make_pair(20, scenario_b=scenario)
    for language in ("zh", "en"):
        book = opened(workbook_bytes(compare(*runs), runs, language))
        cells = all_cells(book)
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink is not None]
        shown = " ".join(name.replace("\x07", " ").replace("\ud800", " ").split())
        assert any(isinstance(cell.value, str) and shown in cell.value for cell in cells)


def test_equal_data_give_equal_bytes() -> None:
    first = fakes.pair(20)
    second = fakes.pair(20)
    one = replace(compare(*first), created="2026-01-01T00:00:00+00:00")
    other = replace(compare(*second), created="2027-02-02T00:00:00+00:00")
    assert workbook_bytes(one, first) == workbook_bytes(other, second)
    changed = fakes.pair(21)
    assert workbook_bytes(one, first) != workbook_bytes(compare(*changed), changed)


def test_several_places_have_a_sheet_of_their_own() -> None:
    places = two_places()
    runs = make_pair(
        20,
        scenario_a=make_scenario("a", places=places),
        scenario_b=make_scenario("b", places=places, policies=(make_policy(where=("north",)),)),
    )
    book = opened(workbook_bytes(compare(*runs), runs))
    rows = table(book["分镇"])
    assert {r["地区"] for r in rows} == {"北", "南"}
    first = [r["行政区划代码"] for r in rows[:2]]
    assert first == ["140801", "140902"]


def test_without_fair_facts_or_difference() -> None:
    a = make_scenario("a")
    runs = make_pair(20, gain=0.0, jobs=0.0, scenario_b=replace(a, id="b"), scenario_a=a)
    book = opened(workbook_bytes(compare(*runs), runs))
    assert any("没有可统计的展会" in text for text in texts(book["展会"]))
    assert any("N01" in text for text in texts(book["结论"]))


def test_a_fair_in_the_baseline_only() -> None:
    held = SimpleNamespace(month=5)
    terms = SimpleNamespace(every=held, foresight=0, plans_to_the_end=False, awards_grants=False)
    fair = make_policy("fair", type="fair", versions=((24240, terms),))
    runs = make_pair(20, scenario_a=make_scenario("a", policies=(fair,)))
    book = opened(workbook_bytes(compare(*runs), runs))
    assert {r["年份"] for r in table(book["展会"])} == set(range(2024, 2030))


def test_unpaired_is_said() -> None:
    runs = make_pair(20)
    book = opened(workbook_bytes(compare(*runs, unpaired=True), runs))
    assert all(any("非配对" in text for text in texts(sheet)) for sheet in book.worksheets)


def test_reported_figures_beside_simulated() -> None:
    b, a = fakes.pair(24, scope={"employment": 4.0})
    book = opened(workbook_bytes(compare(b, a), (b, a)))
    rows = {(r["指标"], r["界限"]): r for r in table(book["拟合"])}
    output = rows["产值", "不低于"]
    assert output["公布数"] == pytest.approx(420.0)
    january = 2023 * 12 - a.first_month
    simulated = np.median(a.monthly("output_value")[:, january : january + 12].sum(axis=1))
    assert output["推演中位数"] * 1e8 == pytest.approx(simulated, rel=1e-12)
    jobs = rows["从业人员", "不低于"]
    assert jobs["范围倍数"] == 4.0
    december = 2024 * 12 + 11 - a.first_month
    assert jobs["推演中位数"] == pytest.approx(4.0 * np.median(a.monthly("employment")[:, december]), rel=1e-12)
    assert ("出口额同比", "等于") in rows
    assert not [key for key in rows if "目标" in key[0]]


def test_written_beside_when_read_only(tmp_path: Path) -> None:
    target = tmp_path / "compare.xlsx"
    assert write_beside(target, b"one").path == target
    target.chmod(stat.S_IRUSR)
    written = write_beside(target, b"two")
    assert written.path == tmp_path / "compare (2).xlsx"
    assert written.notice == f"E21  {target} is open in Excel or read-only; written to compare (2).xlsx instead"
    assert (target.read_bytes(), written.path.read_bytes()) == (b"one", b"two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compare (2).xlsx", "compare.xlsx"]
    target.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert write_beside(target, b"three").notice == ""


def test_written_beside_when_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, second = tmp_path / "compare.xlsx", tmp_path / "compare (2).xlsx"
    target.write_bytes(b"open")
    second.write_bytes(b"open too")
    move = Path.replace

    def locked(self: Path, other: Any) -> Path:
        if Path(other) in (target, second):
            raise PermissionError(13, "in use by another process")
        return move(self, other)

    monkeypatch.setattr(Path, "replace", locked)
    written = write_beside(target, b"new")
    assert written.path == tmp_path / "compare (3).xlsx"
    assert "written to compare (3).xlsx instead" in written.notice
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_cannot_be_written_is_the_users_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write .*compare\.xlsx.*choose another --out"):
        write_beside(tmp_path / "file" / "compare.xlsx", b"x")


def test_nothing_written_when_every_name_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.report.workbook.MOST_NAMES", 2)
    for name in ("compare.xlsx", "compare (2).xlsx"):
        (tmp_path / name).write_bytes(b"open")
        (tmp_path / name).chmod(stat.S_IRUSR)
    with pytest.raises(UserError, match=r"E21 .* close them"):
        write_beside(tmp_path / "compare.xlsx", b"x")


def test_a_folder_takes_the_usual_name(tmp_path: Path) -> None:
    runs = make_pair(20)
    written = to_excel(compare(*runs), tmp_path, "en", runs=runs)
    assert written.path == tmp_path / "compare.xlsx"
    assert opened(written.path.read_bytes()).sheetnames[0] == "Summary"
