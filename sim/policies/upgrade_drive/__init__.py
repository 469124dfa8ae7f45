"""Organised upgrading of firms (企业升级行动): makers are visited and learn of the next technique; no public money."""
