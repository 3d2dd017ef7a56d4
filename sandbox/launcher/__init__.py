"""The C launcher, its build and the wire to it."""
