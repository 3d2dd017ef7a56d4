"""The services behind the views, the dispatcher and the commands: what Gavel does with submissions, accounts,
problems and events, with the needed limits and caches.

A service gets its stores (or the engine from which it makes them), Redis, clock and randomness as parameters.
It does not import Flask.
"""
