"""Piston's API v2: ``/api/v2``, and ``/api/v2/piston`` as on its public server."""
