"""`make test-proxies`: the examples of deploy/proxies, run by the real nginx, Caddy and HAProxy."""
