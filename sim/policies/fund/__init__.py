"""Special fund (专项资金): grants to firms that invest."""
