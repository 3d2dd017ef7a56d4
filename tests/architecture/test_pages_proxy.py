"""The development server of the pages passes every route of the API on."""

import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_NOT_FOR_BROWSERS = {"/internal", "/metrics"}


def test_the_development_server_of_the_pages_passes_every_route_of_the_api_on() -> None:
    config = (_ROOT / "frontend/vite.config.ts").read_text("utf-8")
    passed = re.search(r'const API =\s+"\^/\(([^)]*)\)', config)
    assert passed is not None
    reference = (_ROOT / "docs/reference/api.md").read_text("utf-8")
    routes = set(re.findall(r"^\| `[A-Z]+ (/[\w.-]+)", reference, re.MULTILINE))
    assert "/submissions" in routes
    missing = routes - {f"/{name}" for name in passed[1].split("|")} - _NOT_FOR_BROWSERS
    assert not missing, f"add these to API in frontend/vite.config.ts: {', '.join(sorted(missing))}"
