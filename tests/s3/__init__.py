"""`make test-s3`: packages and backups in a bucket of a local server."""
