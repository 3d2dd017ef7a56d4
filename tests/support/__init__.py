"""Hand-written stand-ins that keep the same contracts as the real things."""
