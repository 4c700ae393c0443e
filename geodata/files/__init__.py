"""Geographic and tabular files in and out."""

from geodata.files.reading import SUFFIXES, read
from geodata.files.tables import Table
from geodata.files.writing import WRITTEN_SUFFIXES, write

__all__ = ["SUFFIXES", "WRITTEN_SUFFIXES", "Table", "read", "write"]
