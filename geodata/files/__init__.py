"""Geographic and tabular files in and out."""

from geodata.files.formulas import guarded
from geodata.files.reading import SUFFIXES, parts, read
from geodata.files.tables import Table
from geodata.files.writing import WRITTEN_SUFFIXES, write

__all__ = ["SUFFIXES", "WRITTEN_SUFFIXES", "Table", "guarded", "parts", "read", "write"]
