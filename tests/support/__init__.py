"""Stand-ins that keep the same contracts as the real parts, and helpers for all tests."""
