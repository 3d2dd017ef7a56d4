"""`make test-kubernetes` renders every overlay of deploy/kubernetes, and checks it without a cluster."""
