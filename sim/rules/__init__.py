"""The economics: scalar rules with units and a source, and the loops that apply them to columns."""
