"""Judging as a function of a request: compile, run, check, conclude. It uses no queue."""
