"""Reads request bodies as strict JSON, and writes JSON responses: compact ASCII, no NaN."""

from __future__ import annotations

import json
from typing import Any

from flask import Request, Response
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

_dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


def json_response(body: Any, status: int = 200) -> Response:
    return Response(_dump(body), status, mimetype="application/json")


def dump_json(body: Any) -> str:
    return _dump(body)


class JsonRequest(Request):
    """A request whose JSON is read strictly. An error says what is wrong, and where."""

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
                "The body cannot be read as JSON: it is nested too deep, or a number is too long, NaN or "
                "Infinity."
            ) from error


def read_json(data: bytes) -> Any:
    """Parse JSON strictly. Raises ``ValueError`` or ``RecursionError``."""
    return _load(data.decode("utf-8"))


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_load = json.JSONDecoder(parse_constant=_refuse_constant).decode
