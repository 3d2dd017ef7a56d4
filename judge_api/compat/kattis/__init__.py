"""The routes of Kattis' submit client and of other clients that read a ``.kattisrc``: ``/kattis``."""
