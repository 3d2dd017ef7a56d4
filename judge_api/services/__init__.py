"""The services behind the views, the dispatcher and the commands: what Gavel does with submissions, accounts,
problems and events, with the needed limits and caches.

A service gets its stores (or the engine from which it makes them) and Redis as parameters, and mostly its
clock and randomness too. It does not import Flask.
"""
