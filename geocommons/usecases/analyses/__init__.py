"""What each analysis needs, and what it answers."""
