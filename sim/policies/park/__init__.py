"""Industrial park (产业园): plots in phases, shared treatment, admission."""
