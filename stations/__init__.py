"""The register of rest stations and what can be asked of it."""
