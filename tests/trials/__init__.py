"""Trials of load and faults; `scripts/trial NAME` runs one, short ones run as slow tests."""
