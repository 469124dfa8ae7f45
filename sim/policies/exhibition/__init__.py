"""Exhibitions abroad (境外参展): contacts with foreign buyers."""
