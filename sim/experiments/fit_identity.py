"""What a fit depends on, so that one made with other evidence, priors or another model is refused."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sim import workspace
from sim.experiments.identity import model_law
from sim.parameters import parameter_table
from sim.parameters.industries import parameters_hash
from sim.scenario.places import place_origins

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

WORDS: Final = {
    "model_law": "the model's law (docs/versions.md)",
    "evidence": "the reported figures and series (calibration/evidence)",
    "priors": "the priors (calibration/priors.toml, industries.toml)",
    "likelihood": "how figures bind (calibration/likelihood.toml, moments.toml)",
    "terms": "figures that terms of scenarios were set from (calibration/terms.toml)",
    "places": "starting values and their ranges (place files)",
}
"""What each part of an identity is called in a message."""


@dataclass(frozen=True)
class Identity:
    """Hashes (and the model's law) of all a fit was made from; what a fit says nothing of is not compared."""

    model_law: int
    evidence: str
    priors: str
    likelihood: str
    terms: str = ""
    places: str = ""


def current_identity(root: Path | None = None, names: Collection[str] = ()) -> Identity:
    """Return what a fit made now depends on.

    Parameters
    ----------
    root
        Calibration folder the fit belongs to, whose figures count; None for the first there is. So a project with
        figures of its own may use the fits of the library.
    names
        Numbers that are fitted; those of places (``place.yongnian.start.exports``) say whose files count.
    """
    ranges = ";".join(
        f"{row.name}|{float(row.low).hex()}|{float(row.high).hex()}|{row.prior}|{row.varies}"
        for row in parameter_table()
        if not row.policy or row.name in names
    )
    folder = root if root is not None else workspace.folders("calibration")[0]
    priors = _hash(f"{parameters_hash()};{ranges}")
    figures, bind = _figures_hash(folder / "evidence"), _content_hash("likelihood.toml", "moments.toml")
    return Identity(model_law(), figures, priors, bind, _content_hash("terms.toml"), _places_hash(names))


def _figures_hash(folder: Path) -> str:
    """Return a hash of the published figures and series of a folder (texts beside them do not count)."""
    whole = hashlib.blake2b(digest_size=6)
    for path in sorted(folder.glob("*.csv")):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        whole.update(f"{path.name}\n{len(content)}\n".encode() + content)
    return whole.hexdigest()


def _content_hash(*names: str) -> str:
    """Return a hash of the content, not of the comments, of files of the calibration folder."""
    parts = []
    for name in names:
        for folder in workspace.folders("calibration"):
            path: Path = folder / name
            if path.is_file():
                parts.append(repr(sorted(tomllib.loads(path.read_text(encoding="utf-8-sig")).items())))
                break
    return _hash(";".join(parts))


def _places_hash(names: Collection[str]) -> str:
    """Return a hash of the starting values, with their ranges, of the places that fitted numbers belong to."""
    places = sorted({name.split(".")[1] for name in names if name.startswith("place.")})
    origins = [(place, origin) for place in places for origin in place_origins(place)]
    return _hash(";".join(f"{place}|{o.name}|{o.value!r}|{o.low!r}|{o.high!r}" for place, o in origins))


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def refusal(fit: str, made_with: Identity | None, root: Path) -> str:
    """Return why a fit in calibration folder ``root`` may not be used now, "" when it may."""
    if made_with is None:
        return f"fit {fit} does not say what it was made with; fit again: countysim calibrate"
    old, new = asdict(made_with), asdict(current_identity(root, _fitted_names(root / "fits" / fit / "draws.csv")))
    changed = [WORDS[name] for name in WORDS if old[name] not in (new[name], "")]
    if not changed:
        return ""
    return (
        f"fit {fit} was made with other inputs than there are now: {'; '.join(changed)}\n"
        f"     fit again: countysim calibrate --settings calibration/fits/{fit}/settings.toml\n"
        "     or run with assumed values: take the line  calibration = ...  out of the scenario file"
    )


def _fitted_names(draws: Path) -> list[str]:
    """Return the columns of a fit's draws; none when there is no such file."""
    if not draws.is_file():
        return []
    with draws.open(encoding="utf-8-sig") as file:
        return file.readline().strip().split(",")


def identity_in(settings: Path) -> Identity | None:
    """Return the identity written in a settings file; None when it has none."""
    raw = tomllib.loads(settings.read_text(encoding="utf-8-sig")).get("identity")
    try:
        return None if raw is None else identity_of(raw)
    except TypeError:
        return None


def identity_of(raw: Mapping[str, Any]) -> Identity:
    """Return the identity that a settings file holds; up to version 4 of the model its law was its version.

    Raises
    ------
    TypeError
        If the entries are not those of an identity.
    """
    renamed = {"model_law" if name == "model_version" else name: value for name, value in raw.items()}
    return Identity(**renamed)
