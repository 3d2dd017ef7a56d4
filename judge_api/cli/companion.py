"""`gavel problems companion`: saves problems that the browser extension Competitive Companion posts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import click
import yaml

from judge_api.cli.output import print_line
from judge_core.packages.package import propose_slug

DEFAULT_PORT = 10043
"""One of the ports that the extension posts to without being configured."""
_MOST_BYTES = 16 << 20
_SECONDS = 10.0
_PAGES = ("http://", "https://")
_EXISTS, _BAD, _REFUSED, _DONE, _CANNOT_WRITE = 409, 400, 403, 200, 500


class BadTask(ValueError):
    """The posted text is not a problem as Competitive Companion posts it; the message says why."""


@dataclass(frozen=True, slots=True)
class CompanionTask:
    """A problem as the extension describes it: name, address, limits and samples."""

    name: str
    url: str
    milliseconds: int
    megabytes: int
    samples: tuple[tuple[str, str], ...]
    interactive: bool = False

    @property
    def slug(self) -> str:
        return propose_slug(self.name)


def read_task(data: bytes) -> CompanionTask:
    """The problem in a posted text. Raises ``BadTask``."""
    try:
        body = json.loads(data)
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise BadTask(
            "the posted text has an incomplete character, which cannot be written to a file"
        ) from error
    except (ValueError, RecursionError) as error:
        raise BadTask("the posted text is not JSON") from error
    if not isinstance(body, dict) or not isinstance(body.get("name"), str) or not body["name"].strip():
        raise BadTask("the posted problem has no name")
    tests = body.get("tests")
    samples = tuple(_sample(test) for test in tests) if isinstance(tests, list) else ()
    return CompanionTask(
        name=body["name"].strip()[:200],
        url=str(body.get("url") or "")[:2000],
        milliseconds=_number(body, "timeLimit", 1000),
        megabytes=_number(body, "memoryLimit", 256),
        samples=samples,
        interactive=body.get("interactive") is True,
    )


def _sample(test: object) -> tuple[str, str]:
    found = test if isinstance(test, dict) else {}
    pair = found.get("input"), found.get("output")
    if not (isinstance(pair[0], str) and isinstance(pair[1], str)):
        raise BadTask("a test has no input or no output")
    return pair[0], pair[1]


def _number(body: Mapping[str, Any], name: str, default: int) -> int:
    value = body.get(name)
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 10_000_000
    return round(value) if fits and value is not None else default


def write_task(task: CompanionTask, into: Path) -> Path:
    """Write the problem as a package with its samples. Raises ``FileExistsError``."""
    folder = into / task.slug
    folder.mkdir(parents=True)
    metadata: dict[str, Any] = {
        "problem_format_version": "2023-07-draft",
        "name": task.name,
        "type": "interactive" if task.interactive else "pass-fail",
        "source": task.url,
        "limits": {"time_limit": task.milliseconds / 1000, "memory": task.megabytes},
    }
    text = yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True)
    (folder / "problem.yaml").write_text(text, encoding="utf-8")
    data = folder / "data" / "sample"
    data.mkdir(parents=True)
    for number, (given, expected) in enumerate(task.samples, 1):
        (data / f"{number}.in").write_text(given, encoding="utf-8")
        (data / f"{number}.ans").write_text(expected, encoding="utf-8")
    return folder


def serve(port: int, into: Path, said: Callable[[str], None], once: bool) -> None:
    """Save posted problems until Ctrl-C; only one problem with ``once``."""
    with HTTPServer(("127.0.0.1", port), _handler(into, said)) as server:
        said(f"Waiting for Competitive Companion on port {server.server_port} (Ctrl-C ends it)")
        while True:
            taken = server.taken = []  # type: ignore[attr-defined]
            server.handle_request()
            if once and taken:
                return


def _handler(into: Path, said: Callable[[str], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_POST(self) -> None:
            origin, length = self.headers.get("Origin", ""), self.headers.get("Content-Length", "")
            if origin.startswith(_PAGES):
                self._answer(_REFUSED, "web pages may not post here, only the browser extension")
            elif not length.isdecimal() or int(length) > _MOST_BYTES:
                self._answer(_BAD, f"the body needs a length of at most {_MOST_BYTES} bytes")
            else:
                self._take(self.rfile.read(int(length)))

        def _take(self, data: bytes) -> None:
            try:
                folder = write_task(read_task(data), into)
            except BadTask as error:
                self._answer(_BAD, str(error))
            except FileExistsError as error:
                self._answer(_EXISTS, f"{error.filename} exists already")
            except OSError as error:
                self._answer(_CANNOT_WRITE, f"{error.filename} cannot be written: {error.strerror}")
            else:
                self.server.taken.append(folder)  # type: ignore[attr-defined]
                self._answer(_DONE, f"{folder} was written")

        def _answer(self, status: int, sentence: str) -> None:
            said(sentence if status == _DONE else f"No package was written: {sentence}")
            body = sentence.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing, since each answer is printed already."""

    return Handler


@click.command("companion")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--into",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the packages; the current folder if left out.",
)
@click.option("--once", is_flag=True, help="End after the first problem.")
def companion(port: int, into: Path, once: bool) -> None:
    """Wait for problems that the browser extension Competitive Companion posts, and write each as a package
    with its samples."""
    try:
        serve(port, into, click.echo, once)
    except OSError as error:
        raise click.ClickException(
            f"port {port} cannot be used: {error.strerror}. Choose another one with --port, and add it to "
            "the extension's settings."
        ) from error
    except KeyboardInterrupt:
        print_line("Ended.")
