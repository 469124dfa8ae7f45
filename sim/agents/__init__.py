"""Firms, buyers and governments, and the population a run starts from."""
