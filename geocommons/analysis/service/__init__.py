"""Service: who is within reach of a site, and where nobody is."""
