"""Geography that has never heard of a station."""
