"""The HTTP door: pages, open data and the workflow API."""
