"""Benchmarks of speed, fairness and growth. Each module answers one question, and compares with its floor in
the same run."""
