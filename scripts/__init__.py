"""The `stations` command line: thin, no logic."""
