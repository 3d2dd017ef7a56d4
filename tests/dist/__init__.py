"""`make test-dist` builds the release files in a fresh clone, and uses them outside of it."""
