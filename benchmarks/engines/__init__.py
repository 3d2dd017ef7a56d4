"""The same job and the same faults for several task queues; see ``benchmarks.engines_faults``."""
