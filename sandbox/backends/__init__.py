"""One file for each way to isolate: the launcher of our own, and bubblewrap as fallback and cross-check."""
