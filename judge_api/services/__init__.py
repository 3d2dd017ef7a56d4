"""The services behind the views: they accept, cancel and follow submissions, with the needed limits and
caches.

A service gets its stores, Redis, clock and randomness as parameters. It does not import Flask.
"""
