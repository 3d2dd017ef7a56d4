"""Hints of change, carried by Redis; the store is the truth."""
