"""Who is within reach of what: the sites that serve, the people, and the way between them."""
