"""Governments, and firms and buyers as Mesa agents."""
