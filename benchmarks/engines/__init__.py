"""Programs that run the same job with several task queues. See ``benchmarks.engines_faults``."""
