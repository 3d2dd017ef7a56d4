"""What the views call: accept, cancel and follow submissions, and the limits and caches that this needs.

A service takes its stores, Redis, clock and randomness as parameters and knows nothing of HTTP.
"""
