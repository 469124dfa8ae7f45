"""A fit as text and as figures 6 and 10: what they say follows from its diagnostics."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.calibrate.fits import Fit, read_fit
from sim.cli.main import app
from sim.report.figures.fits import fit_forest, identify
from sim.report.figures.picture_files import png_bytes, svg_text
from sim.report.posterior_table import Figure, Posterior, _read, posterior_of, posterior_text


@pytest.fixture(scope="module")
def found() -> Posterior:
    posterior = posterior_of("yongnian")
    assert posterior is not None
    return posterior


def changed(found: Posterior, **changes: Any) -> Posterior:
    """Return the same fit with other diagnostics."""
    fit = found.fit
    diagnostics = copy.deepcopy(dict(fit.diagnostics)) | changes
    return _read(Fit(fit.id, fit.folder, fit.settings, diagnostics))


def counted(found: Posterior) -> list[Figure]:
    """Return the figures in the likelihood: those that a starting value has its range from are shown beside."""
    return [item for item in found.figures if item.binds]


def missed(found: Posterior) -> Posterior:
    facts = copy.deepcopy(found.fit.diagnostics["facts"])
    used = [item for item in facts if item["used"] not in ("no", "range")]
    used[-1]["standing"] = "missed"
    return changed(found, facts=facts)


def test_a_place_has_the_fit_its_baseline_uses(found: Posterior) -> None:
    assert found.fit.id == "yongnian-r1"
    assert posterior_of("yongnian-r1") is not None
    assert posterior_of("nowhere") is None
    assert found.fit.refusal is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_text_names_every_figure_and_what_is_not_known(found: Posterior, lang: Any) -> None:
    text = posterior_text(found, lang)
    assert text.count("°") >= 1
    assert len(counted(found)) < len(found.figures)
    inside, total = sum(not item.missed for item in counted(found)), len(counted(found))
    assert (f"{inside} of {total}" if lang == "en" else f"{total}项公布数中{inside}项") in text
    assert str(len(found.idle)) in text
    assert "yn-categories" in text
    everything = posterior_text(found, lang, every=True)
    for item in found.idle:
        assert item["name"] in everything


def test_misses_come_first_in_text_and_picture(found: Posterior) -> None:
    other = missed(found)
    assert other.figures[0].missed
    rows = posterior_text(other, "en").splitlines()
    first = next(number for number, row in enumerate(rows) if row.startswith("figure")) + 1
    assert rows[first].endswith(("missed", "missed°"))
    drawn = fit_forest(other, "en")
    assert drawn.data["standing"].eq("missed").sum() == 1
    assert f"{len(counted(other)) - 1} of {len(counted(other))}" in drawn.title


def test_wider_bands_are_counted(found: Posterior) -> None:
    total = len(counted(found))
    assert f"{total} of {total} bands no wider" in posterior_text(found, "en")
    facts = copy.deepcopy(found.fit.diagnostics["facts"])
    item = next(item for item in facts if item["used"] not in ("no", "range") and item["in_logs"])
    item["posterior"] = {key: value * (3.0 if key == "p95" else 1.0) for key, value in item["posterior"].items()}
    other = changed(found, facts=facts)
    assert [figure.id for figure in counted(other) if figure.wider] == [item["id"]]
    assert f"{total - 1} of {total} bands no wider" in posterior_text(other, "en")


@pytest.mark.parametrize("make", [fit_forest, identify])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pictures_are_drawn_and_described(found: Posterior, make: Any, lang: Any) -> None:
    drawn = make(found, lang)
    assert png_bytes(drawn).startswith(b"\x89PNG")
    text = svg_text(drawn)
    assert "<title" in text
    assert "<desc" in text
    assert drawn.title
    assert make(found, lang).data.equals(drawn.data)
    assert svg_text(make(found, lang)) == text


def test_goals_are_no_rows(found: Posterior) -> None:
    assert not any(identifier.startswith("goal") for identifier in fit_forest(found).data["figure"])


def test_the_data_of_figure_ten_hold_every_number(found: Posterior) -> None:
    data = identify(found).data
    assert len(data) == len(found.parameters)
    assert data["informed"].sum() == len(found.informed)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_fit_without_figures_or_lessons_says_so(found: Posterior, lang: Any) -> None:
    facts = [dict(item, used="no", why="x", why_zh="x") for item in found.fit.diagnostics["facts"]]
    parameters = [dict(item, informed=False, identified=False) for item in found.fit.diagnostics["parameters"]]
    empty = changed(found, facts=facts, parameters=parameters, pairs=[], moments=[], ranks=None)
    assert empty.figures == ()
    text = posterior_text(empty, lang)
    assert ("No reported figure" if lang == "en" else "没有公布数参与") in text
    for make in (fit_forest, identify):
        assert png_bytes(make(empty, lang)).startswith(b"\x89PNG")


def test_hostile_words_are_shown_as_they_are(found: Posterior) -> None:
    parameters = copy.deepcopy(found.fit.diagnostics["parameters"])
    for item in parameters:
        item["taught_by"] = "<b>&'\"\x1b[31m"
    text = svg_text(identify(changed(found, parameters=parameters)))
    assert "<b>" not in text
    assert "\x1b" not in text


def test_the_command(tmp_path: Path) -> None:
    runner = CliRunner()
    result = runner.invoke(app, ["fit", "yongnian", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "yongnian-r1" in result.output
    names = {path.name for path in (tmp_path / "fit" / "yongnian-r1").iterdir()}
    assert {"06-fit.svg", "06-fit.csv", "10-identify.svg", "10-identify.csv"} <= names
    result = runner.invoke(app, ["fit", "yongnian", "--json", "--out", str(tmp_path)])
    assert '"parameters"' in result.output
    result = runner.invoke(app, ["fit", "qixian", "--out", str(tmp_path)])
    assert result.exit_code != 0


def test_what_is_no_diagnostics_is_told(found: Posterior) -> None:
    from sim.errors import UserError

    fit = found.fit
    with pytest.raises(UserError, match="not the diagnostics of a fit"):
        _read(Fit(fit.id, fit.folder, fit.settings, {"fit": {}}))
    assert read_fit("yongnian-r1").settings.scenario == "yongnian-2023"
