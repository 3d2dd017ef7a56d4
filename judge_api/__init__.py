"""The main server: takes submissions in, keeps them, sends them to workers and tells the verdict.

It never runs a submission: nothing below this package may import ``workers`` or a sandbox backend.
"""
