"""Results kept beside a fit: what was measured once on its draws, read again by commands, pages and tests.

A file lies in the folder of the fit and says what it was made from; one made from other draws or by another law says
nothing of the fit any more.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from sim.calibrate.fits import read_fit
from sim.errors import UserError
from sim.experiments.parameter_draws import current_identity, read_draws
from sim.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sim.calibrate.fits import Fit

MADE_FROM: Final = "made_from"
NUMBERS: Final = re.compile(r"\[[^\[\]{}\"]+\]")
"""A list of numbers, which is written on one line."""


def made_from(fit: Fit) -> dict[str, Any]:
    """Return what a result measured now on a fit's draws depends on."""
    draws = read_draws(fit.id, fit.folder / "draws.csv")
    return {"draws": draws.digest, "law": current_identity().model_law}


def keep_beside(name: str, file: str, content: Mapping[str, Any]) -> Path:
    """Write a result beside the fit called ``name``, and return where."""
    fit = read_fit(name)
    path = fit.folder / file
    text = json.dumps({MADE_FROM: made_from(fit), **content}, ensure_ascii=False, indent=1, allow_nan=False)
    write_whole(path, NUMBERS.sub(lambda found: re.sub(r"\s+", " ", found[0]), text) + "\n")
    return path


def kept_beside(fit: Fit, file: str) -> tuple[dict[str, Any] | None, bool]:
    """Return the result kept beside a fit, None without one, and whether it belongs to the fit as it is now.

    Raises
    ------
    UserError
        If the file is damaged.
    """
    path = fit.folder / file
    if not path.is_file():
        return None, False
    try:
        content = dict(json.loads(path.read_text(encoding="utf-8")))
        return content, content.pop(MADE_FROM) == made_from(fit)
    except (ValueError, KeyError, TypeError) as problem:
        raise UserError(f"{path} is damaged; remove it and make it again ({problem})") from None
