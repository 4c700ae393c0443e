"""HTTP and pictures, nothing else."""

from web.app import create_app
from web.settings import Settings

__all__ = ["Settings", "create_app"]
