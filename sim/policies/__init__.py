"""Policy types: one file each, holding both the terms a scenario may set and what the policy does.

A new policy type is one new file in this folder whose terms class carries ``@policy_type("name", name_zh="...")``.
The scenario loader, its messages, the JSON Schema and the documentation read the registry, so nothing else changes.

Files in this folder must stay light to import: reading and checking a scenario imports them all, and must not bring
in Mesa or Numba. A behaviour is therefore a plain class marked ``@acts_for("name")`` that imports heavy modules inside
its methods; the model wraps it in a Mesa agent.
"""
