"""What a fit depends on, so that one made with other evidence, priors or another model is refused."""

from __future__ import annotations

import contextlib
import hashlib
import tomllib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sim import versions, workspace
from sim.errors import UserError
from sim.evidence.sources import ENDING, REPORTED, fact_files, sources_beside
from sim.parameters import parameter_table
from sim.parameters.industries import parameters_hash
from sim.scenario.loader import places_named
from sim.scenario.places import place_origins
from sim.scenario.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

WORDS: Final = {
    "model_law": ("the model's law (docs/versions.md)", "模型规律（docs/versions.md）"),
    "evidence": ("the reported figures and series (calibration/evidence)", "公布数和序列（calibration/evidence）"),
    "priors": (
        "the priors (calibration/priors.toml, industries.toml)",
        "先验（calibration/priors.toml、industries.toml）",
    ),
    "likelihood": (
        "how figures bind (calibration/likelihood.toml, moments.toml)",
        "公布数的约束方式（calibration/likelihood.toml、moments.toml）",
    ),
    "terms": (
        "figures that terms of scenarios were set from (calibration/terms.toml)",
        "用于设定方案条款的数据（calibration/terms.toml）",
    ),
    "places": ("starting values and their ranges (place files)", "起始值及其区间（地点文件）"),
}
"""What each part of an identity is called in a message, in English and Chinese."""


@dataclass(frozen=True)
class FitIdentity:
    """Hashes (and the model's law) of all a fit was made from; what a fit says nothing of is not compared."""

    model_law: int
    evidence: str
    priors: str
    likelihood: str
    terms: str = ""
    places: str = ""


def current_identity(
    root: Path | None = None, names: Collection[str] = (), scenarios: Iterable[str] | None = None
) -> FitIdentity:
    """Return what a fit made now depends on.

    Parameters
    ----------
    root
        Calibration folder the fit belongs to, whose figures count; None for the first there is. So a project with
        figures of its own may use the fits of the library.
    names
        Numbers that are fitted; those of places (``place.yongnian.start.exports``) say whose files count.
    scenarios
        Baselines fitted together: files with figures of other places do not count. None counts every file.
    """
    ranges = ";".join(
        f"{row.name}|{float(row.low).hex()}|{float(row.high).hex()}|{row.prior}|{row.varies}"
        for row in parameter_table()
        if not row.policy or row.name in names
    )
    folder = root if root is not None else workspace.folders("calibration")[0]
    priors = _hash(f"{parameters_hash()};{ranges}")
    figures = _figures_hash(folder / "evidence", scenarios)
    bind = _content_hash("likelihood.toml", "moments.toml")
    return FitIdentity(versions.MODEL_LAW, figures, priors, bind, _content_hash("terms.toml"), _places_hash(names))


def _figures_hash(folder: Path, scenarios: Iterable[str] | None) -> str:
    """Return a hash of the published figures and series of a folder (texts beside them do not count)."""
    owners: dict[Path, str] = {}
    for facts in fact_files(folder):
        if facts.name != REPORTED:
            owners |= dict.fromkeys((facts, sources_beside(facts)), facts.name.removesuffix(ENDING))
    places = set(owners.values())
    if owners and scenarios is not None:
        with contextlib.suppress(UserError):  # a baseline that is no longer there: every file counts
            places = {place for reference in scenarios for place in places_named(reference)}
    whole = hashlib.blake2b(digest_size=6)
    for path in sorted(folder.glob("*.csv")):
        if path in owners and owners[path] not in places:
            continue
        content = path.read_bytes().replace(b"\r\n", b"\n")
        whole.update(f"{path.name}\n{len(content)}\n".encode() + content)
    return whole.hexdigest()


def _content_hash(*names: str) -> str:
    """Return a hash of the content, not of the comments, of files of the calibration folder."""
    parts = []
    for name in names:
        path = workspace.calibration_file(name)
        if path is not None:
            parts.append(repr(sorted(tomllib.loads(path.read_text(encoding="utf-8-sig")).items())))
    return _hash(";".join(parts))


def _places_hash(names: Collection[str]) -> str:
    """Return a hash of the starting values, with their ranges, of the places that fitted numbers belong to."""
    places = sorted({name.split(".")[1] for name in names if name.startswith("place.")})
    origins = [(place, origin) for place in places for origin in place_origins(place)]
    return _hash(";".join(f"{place}|{o.name}|{o.value!r}|{o.low!r}|{o.high!r}" for place, o in origins))


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def refusal(fit: str, made_with: FitIdentity | None, root: Path, scenarios: Iterable[str] | None) -> Problem | None:
    """Return why a fit of ``scenarios`` in calibration folder ``root`` may not be used now, None when it may."""
    if made_with is None:
        return Problem("nameless_fit", values={"fit": fit})
    names = _fitted_names(root / "fits" / fit / "draws.csv")
    old, new = asdict(made_with), asdict(current_identity(root, names, scenarios))
    changed = [words for name, words in WORDS.items() if old[name] not in (new[name], "")]
    if not changed:
        return None
    texts = {"en": "; ".join(en for en, _ in changed), "zh": "；".join(zh for _, zh in changed)}
    return Problem(
        "stale_fit", values={"fit": fit, "changed": texts, "settings": f"calibration/fits/{fit}/settings.toml"}
    )


def _fitted_names(draws: Path) -> list[str]:
    """Return the columns of a fit's draws; none when there is no such file."""
    if not draws.is_file():
        return []
    with draws.open(encoding="utf-8-sig") as file:
        return file.readline().strip().split(",")


def refusal_in(settings: Path) -> Problem | None:
    """Return why the fit a settings file describes may not be used now, None when it may."""
    raw = tomllib.loads(settings.read_text(encoding="utf-8-sig"))
    try:
        made_with = None if "identity" not in raw else identity_of(raw["identity"])
    except TypeError:
        made_with = None
    folder = settings.parent
    return refusal(folder.name, made_with, folder.parent.parent, raw.get("scenarios"))


def identity_of(raw: Mapping[str, Any]) -> FitIdentity:
    """Return the identity that a settings file holds; up to version 4 of the model its law was its version.

    Raises
    ------
    TypeError
        If the entries are not those of an identity.
    """
    renamed = {"model_law" if name == "model_version" else name: value for name, value in raw.items()}
    return FitIdentity(**renamed)
