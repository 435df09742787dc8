"""The walk: streets as a network, where people step onto it, and the shortest way to a site."""
