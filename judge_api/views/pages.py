"""Serves the web pages that `make pages` built into ``dist``, on the same origin as the API.

Some paths, such as ``/problems/aplusb``, are both a page and JSON. A request with ``text/html`` in its Accept
header gets the page, because browsers send that header when they navigate. curl and ``fetch`` get JSON.
"""

from __future__ import annotations

import gzip
import mimetypes
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Flask, Response, request

from judge_api.http.auth import COOKIE
from judge_api.views.page_locale import LOCALES, page_locale

DIST = Path(__file__).parent / "dist"
# These are the routes of frontend/src/routes.tsx.
_PAGE = re.compile(
    r"/|/index\.html|/(problems|submissions)(/[^/]+)?/?|/problems/[^/]+/solution/?|/shared/[^/]+/?|/my-problems(/[^/]+){0,2}/?|/(account|sign-in|sign-up|link|forgot-password|notices|invited)/?|/admin(/.*)?"
    # /events/ with the id of a submission is the stream of its status, not the page of an event.
    r"|/events/?|/events/(?![0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/?$)[a-z0-9-]+(/(scoreboard|results|similarity|shadow|jury|report|invitations(/[^/]+)?|problems/[^/]+))?/?"
)
_BROTLI = ".br"
_NONCE = '<meta name="csp-nonce" content="'
_SESSION = '<meta name="gavel-session" content="'
_SCRIPTS = (
    (re.compile("/"), ("HomePage",)),
    (re.compile(r"/(problems|submissions)/[^/]+/?|/submissions/?"), ("solving",)),
)
"""The files that a page of these paths needs together with the first scripts. vite.config.ts makes them."""
_LANGUAGE = '<html lang="en">'
_HEAD_END = "</head>"
_ROOT = '<div id="root">'
FirstPaint = Callable[[str], str]
"""The HTML that the page of a path begins with, before its scripts run."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_NOT_BUILT = """<!doctype html>
<html lang="en"><title>Gavel</title>
<h1>Gavel is running, without its pages</h1>
<p>The pages have not been built here: that needs npm. Install Node.js 20.19 or later, run
<code>make pages</code> and start the server again.</p>
<p>The API still works: <a href="/docs">its description</a>, <a href="/healthz">its health</a>.</p>
</html>
"""


@dataclass(frozen=True)
class Asset:
    """One built file, read and compressed once.

    If ``is_hashed``, its name contains a hash of its content, so browsers may keep it.
    """

    path: Path
    is_hashed: bool

    @cached_property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def gzipped(self) -> bytes | None:
        """The gzipped content, if it is over a tenth smaller. Fonts and pictures are compressed already."""
        gzipped = gzip.compress(self.body, 9, mtime=0)
        return gzipped if len(gzipped) < len(self.body) * 0.9 else None

    @cached_property
    def brotli(self) -> bytes | None:
        """The content that the build has compressed; ``None`` if it has not."""
        packed = self.path.with_name(f"{self.path.name}{_BROTLI}")
        return packed.read_bytes() if packed.is_file() else None

    @property
    def encodings(self) -> dict[str, bytes]:
        """The compressed contents by the name of their encoding, Brotli first."""
        found = {"br": self.brotli, "gzip": self.gzipped}
        return {name: content for name, content in found.items() if content is not None}

    @cached_property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.path.name)[0] or "application/octet-stream"


class Pages:
    """Serves the built files. Without a build, the root page says how to build them."""

    def __init__(self, dist: Path, first_paint: FirstPaint) -> None:
        self._first_paint = first_paint
        index = dist / "index.html"
        self._index = index.read_text(encoding="utf-8") if index.is_file() else None
        self._assets = {
            path.relative_to(dist).as_posix(): Asset(path, path.parent.name == "assets")
            for path in dist.rglob("*")
            if path.is_file() and path != index and not path.name.startswith(".") and path.suffix != _BROTLI
        }
        self._texts = {name: _preload([f"messages-common-{name}"], self._assets) for name in LOCALES}
        self._scripts = [(path, _preload(names, self._assets)) for path, names in _SCRIPTS]

    def answer(self) -> Response | None:
        """The page or file of this path, or ``None`` if the API answers the request."""
        if request.method not in ("GET", "HEAD"):
            return None
        if asset := self._assets.get(request.path.lstrip("/")):
            return _file(asset)
        if request.path == "/" or (_wants_page() and _PAGE.fullmatch(request.path)):
            return self._page(200)
        return None

    def finish(self, response: Response) -> Response:
        """Add ``Vary: Accept`` where an answer depends on it, and show browsers a page for an unknown
        path."""
        if _PAGE.fullmatch(request.path):
            response.vary.add("Accept")
        if response.status_code == 404 and request.url_rule is None and _wants_page() and self._index:
            return self._page(404)
        return response

    def _page(self, status: int) -> Response:
        nonce = secrets.token_urlsafe(16)
        body = (self._index or _NOT_BUILT).replace(_NONCE, _NONCE + nonce, 1)
        # Scripts cannot see the session's cookie. With "no", a visitor's page does not request the account.
        body = body.replace(_SESSION, _SESSION + ("yes" if COOKIE in request.cookies else "no"), 1)
        locale = page_locale()
        body = body.replace(_LANGUAGE, f'<html lang="{locale}">', 1)
        scripts = next((each for path, each in self._scripts if path.fullmatch(request.path)), "")
        body = body.replace(_HEAD_END, self._texts[locale] + scripts + _HEAD_END, 1)
        if status == 200:
            body = body.replace(_ROOT, self._first_paint(request.path) + _ROOT, 1)
        response = Response(body, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Accept")
        return response


def attach_pages(app: Flask, dist: Path = DIST, first_paint: FirstPaint = lambda _: "") -> None:
    """Let the pages answer requests for their paths before the API's routes do."""
    pages = Pages(dist, first_paint)
    app.before_request(pages.answer)
    app.after_request(pages.finish)


def _preload(names: Iterable[str], assets: Iterable[str]) -> str:
    """HTML elements that load these files together with the first scripts.

    Otherwise the browser would request these files only after the first scripts.
    """
    patterns = [re.compile(rf"assets/{name}-[\w-]{{8}}\.js") for name in names]
    found = [each for pattern in patterns for each in assets if pattern.fullmatch(each)]
    return "".join(f'<link rel="modulepreload" crossorigin href="/{each}">' for each in found)


def _wants_page() -> bool:
    kinds: list[str] = list(request.accept_mimetypes.values())
    return "text/html" in kinds


def _file(asset: Asset) -> Response:
    response = Response(asset.body, mimetype=asset.mimetype)
    if asset.encodings:
        response.vary.add("Accept-Encoding")
    for encoding, content in asset.encodings.items():
        if request.accept_encodings.quality(encoding) > 0:
            response.set_data(content)
            response.headers["Content-Encoding"] = encoding
            break
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if asset.is_hashed else "public, max-age=600"
    )
    return response
