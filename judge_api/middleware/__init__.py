"""WSGI middleware around the whole application: response headers, request metrics, and fast paths."""
