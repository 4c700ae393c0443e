"""Geographic and tabular files in and out."""

from geodata.errors import Fault, FileFormatError
from geodata.files.reading import SUFFIXES, read
from geodata.files.tables import Table

__all__ = ["SUFFIXES", "Fault", "FileFormatError", "Table", "read"]
