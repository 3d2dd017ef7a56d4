"""Reads request bodies as strict JSON, and writes JSON responses: compact ASCII, no NaN."""

from __future__ import annotations

import json
from typing import Any

from flask import Request, Response
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

_dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


def json_response(body: Any, status: int = 200) -> Response:
    return Response(_dump(body), status, mimetype="application/json")


def dump_json(body: Any) -> str:
    return _dump(body)


class ChunkedBody:
    """A chunked request body. A malformed chunk raises ``BadRequest`` when it is read.

    That can be at any read: of JSON, of a form or of an upload.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            data: bytes = self._stream.read() if size < 0 else self._stream.read(size)
        except ParseException as error:
            raise BadRequest(
                "The body is not chunked as HTTP/1.1 wants it: send each chunk as its length in hexadecimal, "
                "CRLF, its bytes, CRLF, and a last one of length 0; or send Content-Length instead."
            ) from error
        return data


class JsonRequest(Request):
    """A request whose JSON is read strictly. The error says what is wrong with it and where."""

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = ChunkedBody(environ["wsgi.input"])
        super().__init__(environ, *args, **kwargs)

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        if not self.is_json:
            raise UnsupportedMediaType("Send JSON, with the header 'Content-Type: application/json'.")
        data = self.get_data(cache=cache)
        try:
            return read_json(data)
        except UnicodeDecodeError as error:
            raise BadRequest(f"The body is not valid UTF-8 (byte {error.start}).") from error
        except json.JSONDecodeError as error:
            place = f"line {error.lineno} column {error.colno}"
            raise BadRequest(f"The body is not valid JSON: {error.msg} ({place}).") from error
        except (ValueError, RecursionError) as error:
            raise BadRequest(
                "The body is not JSON that can be read: nested too deep, or a wrong number."
            ) from error


def read_json(data: bytes) -> Any:
    """Parse it strictly. Raises a subclass of ``ValueError``, or ``RecursionError``."""
    return _load(data.decode("utf-8"))


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_load = json.JSONDecoder(parse_constant=_refuse_constant).decode
