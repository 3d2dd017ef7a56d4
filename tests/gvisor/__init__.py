"""`make test-gvisor` tests the sandbox whose boxes have a kernel of their own."""
