"""Columns of firms, buyers and places, the ledger, the keyed draws, and the record of a run."""
