"""Moves submissions from the database to the RQ queue, and reports from Redis to the database.

Nothing else on the main server uses RQ.
"""
