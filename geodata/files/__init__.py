"""Geographic and tabular files in and out."""
