"""The phases of a month, one file each; ``sim.model`` calls them in order. A phase applies rules to columns."""
