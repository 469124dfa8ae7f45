"""Scenarios: from TOML files to what the model is given.

``loader.load`` reads a scenario with everything it inherits, ``realise.realise`` draws its uncertain values for one
replicate, ``content_hash.scenario_hash`` names a run, ``writing.write_resolved`` writes it as one file.
"""
