"""The command line: each file holds one group of commands; they parse, call and print."""
