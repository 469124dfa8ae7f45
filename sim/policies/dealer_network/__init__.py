"""Dealer network (经销网络): standing contacts with buyers through dealers and outlets that firms keep."""
