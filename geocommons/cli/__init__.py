"""The shell door: `geocommons ...`."""
