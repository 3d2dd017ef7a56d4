"""`make test-kubernetes`: every overlay of deploy/kubernetes, rendered and checked without a cluster."""
