"""Benchmarks of speed, fairness and growth. Each module answers one question. Where there is a floor, the
least that the machine allows, it is measured in the same run."""
