"""Judging as a function of a request: compile, run, check, conclude. Knows no queue."""
