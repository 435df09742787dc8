"""Write letters and hand them to a mail server."""
