"""Sends verdicts to other servers: which URLs may be called, how messages are signed and retried."""
