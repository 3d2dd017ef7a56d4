"""`make test-proxies` runs the examples of deploy/proxies by the real nginx, Caddy and HAProxy."""
