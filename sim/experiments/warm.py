"""What workers need, imported once by the process from which they are forked."""

from __future__ import annotations

import sim.model  # noqa: F401
