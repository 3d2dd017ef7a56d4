"""One module for each way to isolate: Gavel's launcher, bubblewrap, gVisor. The launcher is the default."""
