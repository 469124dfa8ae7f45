"""The phases of a month, in the order in which they happen, and the notes taken of it."""
