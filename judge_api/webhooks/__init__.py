"""Telling other servers of verdicts: which addresses may be called, how, and what they are told."""
