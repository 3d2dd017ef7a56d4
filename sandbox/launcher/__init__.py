"""The C launcher, its build and the protocol to it."""
