"""The calls of Kattis' submit client, and of others that read a ``.kattisrc``: ``/kattis``."""
