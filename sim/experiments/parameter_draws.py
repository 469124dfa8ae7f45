"""Parameter draws: replicate i uses one draw in every scenario.

With a fit it is row i of the calibration's ``draws.csv``; a scenario that names none draws from the priors.

``calibration/fits/<calibration>/draws.csv`` has one column per fitted parameter, named by its dotted name, and one
row per draw; a column called ``draw`` is only a counter. Columns may also name starting values of places
(``place.yongnian.start.exports``) and positions in ranges of policies (``policy.projects.realised``). With more
replicates than rows the rows are used again. A fit made with other inputs than there are now is refused.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from sim import versions, workspace
from sim.errors import UserError
from sim.evidence.sources import ENDING, REPORTED, fact_files, sources_beside
from sim.inputs.files import InputFile, read_text
from sim.inputs.problems import InputErrors, Problem, Spot
from sim.inputs.words import Both, Words
from sim.parameters import parameter_table
from sim.parameters.industries import parameters_hash
from sim.scenario.loader import places_named
from sim.scenario.places import place_origins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from sim.scenario.priors import Prior
    from sim.scenario.resolved import Place

SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
DrawnFrom = Literal["fit", "priors", "assumed"]
"""Where the parameters of a run are from: a fit, their priors, or one assumed value each."""
FROM_PRIORS: Final = "priors-"
"""How the digest of draws of the priors begins."""
NO_DRAWS: Final = "none"
PRIORS: Final = "calibration/priors.toml"
LABELS: Final[Mapping[DrawnFrom, str]] = {
    "priors": "from the priors (not calibrated)",
    "assumed": "none (parameters at assumed values)",
}


@dataclass(frozen=True)
class ParameterDraws:
    """Parameter values by dotted name, one mapping per draw.

    Attributes
    ----------
    name
        Name of the calibration; empty when the scenario names none.
    path, digest
        The file and a hash of its content, of all ranges where parameters are drawn from their priors; ``"none"`` at
        assumed values.
    rows
        Values of a fit by dotted parameter name.
    seed, starts
        Without rows: the seed by which parameters are drawn from their priors, and starting values from their ranges,
        by path. With neither every replicate uses the assumed values of the files.
    """

    name: str = ""
    path: str = NO_DRAWS
    digest: str = NO_DRAWS
    rows: tuple[Mapping[str, float], ...] = ()
    seed: int | None = None
    starts: Mapping[str, Prior] = field(default_factory=dict)

    @property
    def drawn_from(self) -> DrawnFrom:
        """Where the values are from."""
        if self.rows:
            return "fit"
        return "assumed" if self.seed is None else "priors"

    def index(self, replicate: int) -> int:
        """Return the draw a replicate uses; without draws its own number."""
        return replicate % len(self.rows) if self.rows else replicate

    def values(self, replicate: int) -> dict[str, float]:
        """Return the parameter values of a replicate's draw, by dotted name."""
        if self.rows:
            return dict(self.rows[self.index(replicate)])
        if self.seed is None:
            return {}
        from sim.scenario.priors import draw_of_priors  # compiled functions: only where something is drawn

        return draw_of_priors(self.seed, replicate, self.starts)

    @property
    def label(self) -> str:
        """Name to print: the calibration, or what is used in its place."""
        return self.name if self.drawn_from == "fit" else LABELS[self.drawn_from]


def draws_for(loaded: Any, seed: int, wanted: str | None = None) -> ParameterDraws:
    """Return the draws of a run: those of the fit its scenario names; without one, of the priors.

    Parameters
    ----------
    wanted
        ``assumed`` puts parameters and starting values at their assumed values instead, with or without a fit.
    """
    if wanted == "assumed":
        return ParameterDraws()
    fitted = fitted_draws(loaded)
    return fitted if fitted.rows else prior_draws(seed, loaded.scenario.places)


def prior_draws(seed: int, places: Iterable[Place]) -> ParameterDraws:
    """Return draws of all parameters from their priors, and of starting values of places from their ranges."""
    from sim.scenario.priors import ranges_of  # compiled functions: only where something is drawn

    starts = ranges_of(places)
    listed = ";".join(f"{name}|{prior!r}" for name, prior in starts.items())
    return ParameterDraws(path=PRIORS, digest=FROM_PRIORS + _hash(f"{_ranges()};{listed}"), seed=seed, starts=starts)


def drawn_from(manifest: Mapping[str, Any]) -> DrawnFrom:
    """Return where the parameters of a run are from, by its manifest."""
    digest = str(manifest.get("draws", {}).get("hash", NO_DRAWS))
    if digest == NO_DRAWS:
        return "assumed"
    return "priors" if digest.startswith(FROM_PRIORS) else "fit"


def fitted_draws(loaded: Any) -> ParameterDraws:
    """Return the draws of the calibration a loaded scenario names.

    Raises
    ------
    UserError
        If the name could lead out of the calibration folder, the file is not a table of finite numbers, or the fit was
        made with another model, other priors or other figures.
    """
    name = getattr(loaded, "calibration", None) or getattr(loaded.scenario, "calibration", None) or ""
    if not name:
        return ParameterDraws()
    if not SAFE_NAME.fullmatch(name):
        raise UserError(f'calibration = "{name}": use small letters, digits and hyphens only')
    path = workspace.calibration_file("fits", name, "draws.csv")
    if path is None:
        return ParameterDraws(name=name)
    settings = path.with_name("settings.toml")
    problem = refusal(settings) if settings.is_file() else None  # draws made by hand say nothing
    if problem is not None:
        spot = getattr(loaded, "origins", {}).get("calibration", problem.spot)
        raise InputErrors([replace(problem, spot=spot)])
    return read_draws(name, path)


def read_draws(name: str, path: Path) -> ParameterDraws:
    """Read a file of draws; raise ``InputErrors`` with file and line when a cell is not a finite number."""
    return _draws_in(read_text(path), name, path)


@lru_cache(maxsize=8)
def _draws_in(text: str, name: str, path: Path) -> ParameterDraws:
    """Return the draws of a file with this text: the scenarios of a command mostly have one fit in common."""
    rows, reader = [], csv.reader(io.StringIO(text))
    try:
        header = next(reader, [])
        counter = header.index("draw") if "draw" in header else len(header)
        columns = header[:counter] + header[counter + 1 :]
        for cells in filter(None, reader):
            values = dict(zip(columns, map(float, cells[:counter] + cells[counter + 1 :]), strict=True))
            if not all(map(math.isfinite, values.values())):
                raise ValueError
            rows.append(values)
    except (ValueError, csv.Error):
        raise InputErrors([Problem("bad_draw", Spot.at(path, reader.line_num))]) from None
    if not rows or not columns:
        raise InputErrors([Problem("no_draws", Spot.at(path))])
    digest = hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:12]
    return ParameterDraws(name=name, path=f"calibration/fits/{name}/draws.csv", digest=digest, rows=tuple(rows))


# --- what a fit depends on ---

WORDS: Final = Words(__file__)


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
        Calibration folder the fit belongs to, whose figures count; None for the first there is. So a workspace with
        figures of its own may use the fits of the library.
    names
        Numbers that are fitted; those of places (``place.yongnian.start.exports``) say whose files count.
    scenarios
        Baselines fitted together: files with figures of other places do not count. None counts every file.
    """
    folder = root if root is not None else workspace.folders("calibration")[0]
    priors = _hash(f"{parameters_hash()};{_ranges(names)}")
    figures = _figures_hash(folder / "evidence", scenarios)
    bind = _content_hash("likelihood.toml", "moments.toml")
    return FitIdentity(versions.MODEL_LAW, figures, priors, bind, _content_hash("terms.toml"), _places_hash(names))


def _ranges(names: Collection[str] = ()) -> str:
    """Return the priors of the model's own parameters, and of those of policy types of a workspace that are named."""
    return ";".join(
        f"{row.name}|{float(row.low).hex()}|{float(row.high).hex()}|{row.prior}|{row.varies}"
        for row in parameter_table()
        if not row.policy or row.name in names
    )


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
            parts.append(repr(sorted(InputFile(path).data.items())))
    return _hash(";".join(parts))


def _places_hash(names: Collection[str]) -> str:
    """Return a hash of the starting values, with their ranges, of the places that fitted numbers belong to."""
    places = sorted({name.split(".")[1] for name in names if name.startswith("place.")})
    origins = [(place, origin) for place in places for origin in place_origins(place)]
    return _hash(";".join(f"{place}|{o.name}|{o.value!r}|{o.low!r}|{o.high!r}" for place, o in origins))


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def refusal(settings: Path) -> Problem | None:
    """Return why the fit a settings file describes may not be used now, None when it may."""
    raw = InputFile(settings).data
    fit, root = settings.parent.name, settings.parents[2]
    try:
        old = asdict(identity_of(raw["identity"]))
    except (AttributeError, KeyError, TypeError):
        return Problem("nameless_fit", values={"fit": fit})
    draws = settings.with_name("draws.csv")
    names = read_text(draws).partition("\n")[0].strip().split(",") if draws.is_file() else []
    new = asdict(current_identity(root, names, raw.get("scenarios")))
    changed = [Both(en, zh) for name, en, zh in WORDS.triples("identity") if old[name] not in (new[name], "")]
    if not changed:
        return None
    texts = WORDS.both("stale.changed", changed=changed)._asdict()
    return Problem(
        "stale_fit", values={"fit": fit, "changed": texts, "settings": f"calibration/fits/{fit}/settings.toml"}
    )


def identity_of(raw: Mapping[str, Any]) -> FitIdentity:
    """Return the identity that a settings file holds; up to version 4 of the model its law was its version.

    Raises
    ------
    TypeError
        If the entries are not those of an identity.
    """
    renamed = {"model_law" if name == "model_version" else name: value for name, value in raw.items()}
    return FitIdentity(**renamed)
