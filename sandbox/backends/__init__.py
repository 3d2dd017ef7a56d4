"""One module for each way to isolate: Gavel's own launcher, and bubblewrap as fallback and cross-check."""
