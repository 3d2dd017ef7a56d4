"""The main server: takes submissions, stores them, sends them to workers and answers with the verdict.

It never runs a submission: no module of this package may import ``workers`` or a sandbox backend.
"""
