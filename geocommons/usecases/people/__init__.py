"""Verbs of people: let in, confirm, agree, lead, merge, forget."""
