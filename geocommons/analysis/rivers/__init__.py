"""Rivers: metres held, free and claimed twice, by arithmetic on measures."""
