"""The workers: each takes attempts from one queue, judges them in a sandbox and reports through Redis."""
