"""Files of figures: equal bytes for equal data, text kept as text, names shown as they are."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from sim.errors import UserError
from sim.report import figures
from sim.report.figures import picture_files, style
from sim.report.figures.style import shorten, width, wrap
from sim.report.table import one_line
from tests.report import figures_fakes as fakes

HOSTILE = """<b>"&' $x_1$ 测试"""
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def no_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.report.figures.reported.facts_of", lambda place, variable: ())


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any Chinese font."""
    monkeypatch.setattr(style, "KNOWN_FILES", (("Nowhere Sans", ("/nowhere/sans.ttc",)),))
    monkeypatch.setattr(style, "_told", set())


def hostile_pair() -> tuple[Any, Any]:
    policies = (*fakes.whatif_policies(), fakes.policy("odd", "fund", HOSTILE, HOSTILE, "2026-03"))
    b = fakes.FakeRun(fakes.scenario("odd", policies, name=HOSTILE, name_zh=HOSTILE), 24, fakes.EFFECTS)
    return b, fakes.pair(24)[1]


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_equal_data_give_equal_bytes(lang: Any, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    written = [figures.draw_all(*fakes.pair(24), folder, lang) for folder in folders]
    names = [[path.name for path in paths] for paths in written]
    assert names[0] == names[1]
    assert len(names[0]) == 18
    for first, second in zip(*written, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name
    ending = ".zh" if lang == "zh" else ""
    assert {f"01-output-fan{ending}.svg", f"05-fair-funnel{ending}.png", "03-value-for-money.csv"} <= set(names[0])
    assert not [path for path in folders[0].iterdir() if path.suffix == ".part"]


def test_svg_is_valid_has_words_as_text_and_alternative_text() -> None:
    for make in figures.makers(*fakes.pair(24)):
        for lang in ("en", "zh"):
            drawn = make(lang)  # type: ignore[arg-type]
            svg = figures.svg_text(drawn)
            root = ET.fromstring(svg)
            assert root.find(f"{SVG}title").text == drawn.title  # type: ignore[union-attr]
            assert root.find(f"{SVG}desc").text == drawn.alt  # type: ignore[union-attr]
            assert root.get("role") == "img"
            shown = " ".join(texts(svg))
            assert drawn.title.split("，")[0].split(":")[0][:20] in shown
            assert "date" not in svg.lower().split("<desc")[0]
            assert "http" not in svg.replace("http://www.w3.org/", "")
            assert len(svg) < 150_000


def test_svg_names_fonts_that_browsers_have_and_its_ids_are_its_own() -> None:
    svg = figures.svg_text(figures.fan(fakes.pair(24), "exports", "zh"))
    root = ET.fromstring(svg)
    for element in root.iter(f"{SVG}text"):
        assert "PingFang SC" in element.get("style", "")
        assert "Microsoft YaHei" in element.get("style", "")
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(str(one).startswith("01-exports-fan-") for one in ids)
    for reference in [part.split(")")[0] for part in svg.split("url(#")[1:]]:
        assert reference in ids


def test_hostile_names_are_shown_as_they_are() -> None:
    for make in figures.makers(*hostile_pair()):
        for lang in ("en", "zh"):
            drawn = make(lang)  # type: ignore[arg-type]
            svg = figures.svg_text(drawn)
            assert any(HOSTILE in line for line in texts(svg)), drawn.stem
            assert "<b>" not in svg
            assert figures.png_bytes(drawn)[:8] == b"\x89PNG\r\n\x1a\n"


def test_names_that_look_like_markup_of_the_svg_change_nothing_else() -> None:
    odd = 'font-family: Comic; id="x" url(#y) <text style="font-family: Z">'
    b = fakes.FakeRun(fakes.scenario("odd", fakes.whatif_policies(), name=odd), 24, fakes.EFFECTS)
    svg = figures.svg_text(figures.fan((b, fakes.pair(24)[1]), "exports"))
    assert any(odd in line for line in texts(svg))


def test_control_characters_never_reach_the_file() -> None:
    odd = "a\x00b\x1b[31m\nc\ud800d\ufffe"
    b = fakes.FakeRun(fakes.scenario("odd", fakes.whatif_policies(), name=odd), 24, fakes.EFFECTS)
    assert one_line(odd) == "a b [31m c d"
    ET.fromstring(figures.svg_text(figures.fan((b, fakes.pair(24)[1]), "exports")))


def test_csv_cells_cannot_be_formulas() -> None:
    bad = fakes.policy("bad", "fund", '=HYPERLINK("x")', "@x", "2026-03")
    b = fakes.FakeRun(fakes.scenario("odd", (*fakes.whatif_policies(), bad)), 24, fakes.EFFECTS)
    rows = list(csv.DictReader(io.StringIO(figures.csv_text(figures.timeline((b, fakes.pair(24)[1])).data))))
    assert ('\'=HYPERLINK("x")', "'@x") in [(row["name"], row["name_zh"]) for row in rows]
    assert not [v for row in rows for v in row.values() if v.startswith(("=", "@", "+"))]


def test_csv_keeps_full_precision() -> None:
    drawn = figures.fan(fakes.pair(24), "exports")
    rows = list(csv.DictReader(io.StringIO(figures.csv_text(drawn.data))))
    assert [float(row["p50"]) for row in rows] == drawn.data["p50"].to_list()


def test_without_a_chinese_font_pictures_are_english_and_say_so_once(
    no_chinese_font: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def make(lang: Any) -> figures.Drawing:
        return figures.fan(fakes.pair(24), "exports", lang)

    made = figures.save_all(make, tmp_path, "zh")
    figures.save(make, tmp_path / "again.png", "zh")
    assert [path.name for path in made] == ["01-exports-fan.zh.svg", "01-exports-fan.zh.png", "01-exports-fan.csv"]
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "apt-get install fonts-wqy-microhei" in told
    assert "出口额" in (tmp_path / "01-exports-fan.zh.svg").read_text(encoding="utf-8")
    english = figures.png_bytes(make("en"))
    assert (tmp_path / "01-exports-fan.zh.png").read_bytes() == english
    assert style.drawing_families("zh") == (style.LATIN,)


def test_chinese_names_in_english_pictures_need_no_font(no_chinese_font: None) -> None:
    for make in figures.makers(*hostile_pair()):
        assert figures.png_bytes(make("en"))


def test_a_damaged_font_file_counts_as_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.ttc"
    broken.write_bytes(b"not a font")
    monkeypatch.setattr(style, "KNOWN_FILES", (("Broken Sans", (str(broken),)),))
    assert style.chinese_family() is None


def test_font_files_are_looked_for_in_order(tmp_path: Path) -> None:
    first, second = tmp_path / "a.ttf", tmp_path / "b.ttf"
    known = (("First", (str(first), str(tmp_path / "bold.ttf"))), ("Second", (str(second),)))
    assert style.find_font_files(known) is None
    second.touch()
    assert style.find_font_files(known) == ("Second", (second,))
    first.touch()
    assert style.find_font_files(known) == ("First", (first,))


def test_the_extension_picks_the_format(tmp_path: Path) -> None:
    def make(lang: Any) -> figures.Drawing:
        return figures.fan(fakes.pair(24), "exports", lang)

    for name, start in (("a.svg", b"<svg"), ("b.PNG", b"\x89PNG"), ("产值 1.csv", b"series,")):
        assert figures.save(make, tmp_path / "new" / name, "en").read_bytes().startswith(start)
    for name in ("a.jpg", "a", "a.pdf"):
        with pytest.raises(UserError, match=r"use \.svg, \.png or \.csv"):
            figures.save(make, tmp_path / name, "en")


def test_a_file_that_cannot_be_written_is_a_plain_mistake(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(UserError, match="cannot write"):
        picture_files.write_whole(blocked / "x.svg", b"", picture_files.ELSEWHERE)
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(UserError, match="cannot write"):
        picture_files.write_whole(tmp_path / "folder.svg", b"", picture_files.ELSEWHERE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.svg"]


def test_lines_are_wrapped_within_their_room() -> None:
    for text in (
        "one two three four five six",
        "采购会规模翻番＋每年2亿元技改资金，用于设备更新",
        HOSTILE * 5,
        "x" * 300,
    ):
        for room in (60.0, 150.0, 400.0):
            lines = wrap(text, room, 10.0, lines=3)
            assert len(lines) <= 3
            assert all(width(line, 10.0) <= room for line in lines)
            assert not any(line.startswith(("，", "。")) for line in lines)
    assert wrap("", 100.0, 10.0) == []
    assert shorten("short", 500.0, 10.0) == "short"


def test_measured_widths_are_what_matplotlib_draws() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    renderer = FigureCanvasAgg(Figure(dpi=72)).get_renderer()
    for text in ("Output value in 2030", "employment: +1,300 (0.4%)", "iiiiiiiiWWWW"):
        drawn = renderer.get_text_width_height_descent(text, FontProperties(family=style.LATIN, size=20), ismath=False)[
            0
        ]
        assert width(text, 20.0) == pytest.approx(drawn, rel=0.04)
