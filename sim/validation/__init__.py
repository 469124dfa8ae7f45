"""Forecasts held against figures no fit has seen, beside naive rivals."""
