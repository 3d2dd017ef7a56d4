"""`make test-gvisor`: the sandbox whose boxes have a kernel of their own."""
