"""The work behind the views: accept, cancel and follow submissions, with the limits and caches they need.

A service gets its stores, Redis, clock and randomness as parameters, and knows nothing of Flask.
"""
