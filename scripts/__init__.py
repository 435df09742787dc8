"""Developers' programs: install, start a private PostGIS, check the house, make the sample city, measure."""
