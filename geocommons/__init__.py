"""GeoCommons: a register, on a map, of who stewards what."""

__version__ = "0.3.0"
