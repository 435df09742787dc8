"""Crowding: how much supply there is for each, once everybody within reach of a site shares it."""
