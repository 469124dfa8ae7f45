"""What drives a difference: everything uncertain varied at once, and the share of each input."""
