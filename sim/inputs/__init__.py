"""Files that people write: encodings, positions, checks, and what is wrong with them in two languages."""
