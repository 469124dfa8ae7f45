"""How a run begins: population, sizes, burn-in and anchors."""
