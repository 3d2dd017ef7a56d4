"""Moves submissions between database and RQ queue: outbox relay, report consumer, reconciler, circuit breaker.

Nothing else on the main server uses RQ.
"""
