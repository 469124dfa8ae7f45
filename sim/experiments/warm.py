"""What workers need, imported once by the process from which they are forked."""

import sim.model  # noqa: F401
