"""Distances, areas and searches on the WGS 84 ellipsoid."""
