"""Designation (认定): characteristic towns and honoured firms. It opens doors; by itself it does next to nothing."""
