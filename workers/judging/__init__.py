"""Judges a request: compiles the program, runs it, checks its outputs and forms the verdict. It uses no
queue."""
