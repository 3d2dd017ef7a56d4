"""The only RQ on the main server: gateway, relay, recorder and reconciler."""
