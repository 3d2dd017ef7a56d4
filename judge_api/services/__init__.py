"""The services behind the views: they accept, cancel and follow submissions, with the needed limits and
caches.

A service gets its stores (or the engine from which it makes them), Redis, clock and randomness as parameters.
It does not import Flask.
"""
