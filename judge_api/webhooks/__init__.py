"""Sends verdicts to other servers. Decides which URLs may be called, signs messages, and retries them."""
