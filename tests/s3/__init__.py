"""`make test-s3` tests packages and backups in a bucket of a local server."""
