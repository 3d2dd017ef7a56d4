"""Runs gunicorn without the current folder in the import path: ``python -P -m judge_api.gunicorn_server``.

gunicorn puts the current folder at the beginning of the import path. If other users may write there, as
in /tmp, they could put a module ``json.py`` there, which this process would run.
"""

from __future__ import annotations

from gunicorn.app.wsgiapp import WSGIApplication


class Server(WSGIApplication):  # type: ignore[misc]
    """gunicorn's own application, which imports from the installed places only."""

    def chdir(self) -> None:
        """Stay in the current folder, and leave the import path as it is."""


if __name__ == "__main__":
    Server("%(prog)s [OPTIONS] [APP_MODULE]").run()
