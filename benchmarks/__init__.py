"""Benchmarks of speed, fairness and growth. Each benchmark is a module that answers one question. If there is
a floor (the least that the machine allows), the module measures it in the same run."""
