"""Measures the cost of opening a page: bytes, requests, and the time until the page can be seen and used.

Playwright opens each page in Chromium with an empty cache, from a stack of its own. The network is loopback,
so the times are those of scripts, layout and server. ``SLOW`` measures again with the network and processor
that Lighthouse's mobile run simulates.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from benchmarks.result import Result, Row
from tests.browser.app_fixture import Stack, open_stack
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.person import Person

BEFORE_THE_EDITOR_KB = 250.0
MOST_SHIFT = 0.02
SLOW = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8, "offline": False}
SLOWER_PROCESSOR = 4
_OBSERVE = """() => {
    window.seen = {shift: 0, longest: 0, busyUntil: 0, largest: 0};
    const watch = (type, note) => new PerformanceObserver(list => list.getEntries().forEach(note))
        .observe({type, buffered: true});
    watch("layout-shift", entry => { if (!entry.hadRecentInput) window.seen.shift += entry.value; });
    watch("largest-contentful-paint", entry => { window.seen.largest = entry.startTime; });
    watch("longtask", entry => {
        window.seen.longest = Math.max(window.seen.longest, entry.duration);
        window.seen.busyUntil = entry.startTime + entry.duration;
    });
    const ready = () => document.querySelector(window.readyWhen)
        ? window.seen.ready = performance.now() : requestAnimationFrame(ready);
    requestAnimationFrame(ready);
}"""
_READ = """() => ({...window.seen,
    first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0})"""


@dataclass(frozen=True, slots=True)
class View:
    """A page, and the element that shows that it is ready for use."""

    name: str
    path: str
    ready: str
    signed_in: bool = True


VIEWS = (
    View("first-visit page", "/", ".hero-actions a[href='/problems/aplusb']", signed_in=False),
    View("list of problems", "/problems", ".problem-table"),
    View("problem page", "/problems/aplusb", ".cm-content[data-language]"),
)


@dataclass(frozen=True, slots=True)
class PageLoad:
    """One opening of a page: kilobytes and requests, then milliseconds since the page was requested."""

    first_kb: float
    all_kb: float
    requests: int
    first_paint: float
    largest_paint: float
    interactive: float
    blocked: float
    shift: float


def measure(short: bool = False) -> Result:
    rounds = 2 if short else 7
    rows: list[Row] = []
    with _started_stack() as (browser, stack):
        for view in VIEWS:
            rows += _rows(view.name, [_open(browser, stack, view, slow=False) for _ in range(rounds)])
        problem = VIEWS[-1]
        slow = [_open(browser, stack, problem, slow=True) for _ in range(max(2, rounds // 2))]
        rows += _rows(f"{problem.name}, slow line and processor", slow, weights=False)
    notes = (
        "kB are 1,000 bytes of bodies as they come over the line (gzip); an empty cache for each opening.",
        "Usable: the editor takes keys (or the list is there) and no task longer than 50 ms is under way.",
        f"Slow: 150 ms, 1.6 Mbit/s, a processor {SLOWER_PROCESSOR} times slower: Lighthouse's mobile run.",
    )
    return Result(f"Opening a page, medians of {rounds}", tuple(rows), notes)


@contextmanager
def _started_stack() -> Iterator[tuple[Browser, Stack]]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-pages-") as folder,
        open_stack(Path(folder)) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser, stack
        browser.close()


def _rows(name: str, loads: list[PageLoad], weights: bool = True) -> list[Row]:
    def median(what: str) -> float:
        return float(statistics.median(getattr(opening, what) for opening in loads))

    weight = [
        Row(f"{name}: before the editor", median("first_kb"), "kB", target=BEFORE_THE_EDITOR_KB),
        Row(f"{name}: in all", median("all_kb"), "kB"),
        Row(f"{name}: requests", median("requests"), ""),
    ]
    times = [
        Row(f"{name}: first contentful paint", median("first_paint")),
        Row(f"{name}: largest contentful paint", median("largest_paint")),
        Row(f"{name}: usable", median("interactive")),
        Row(f"{name}: longest task", median("blocked")),
        Row(f"{name}: layout shift", median("shift"), "", target=MOST_SHIFT),
    ]
    return [*(weight if weights else ()), *times]


def _open(browser: Browser, stack: Stack, view: View, slow: bool) -> PageLoad:
    with _context(browser, stack, view) as context:
        page = context.new_page()
        sizes: dict[str, int] = {}
        page.on("requestfinished", lambda request: sizes.update({request.url: _body_size(request)}))
        page.add_init_script(f"window.readyWhen = {view.ready!r}; ({_OBSERVE})()")
        if slow:
            _slow_down(context, page)
        page.goto(stack.url + view.path)
        expect(page.locator(view.ready).first).to_be_visible(timeout=60_000)
        page.wait_for_load_state("networkidle")
        return _page_load(page.evaluate(_READ), sizes)


@contextmanager
def _context(browser: Browser, stack: Stack, view: View) -> Iterator[BrowserContext]:
    """A browser context with an empty cache. It is signed in if the view needs an account."""
    state = None
    if view.signed_in:
        before = browser.new_context()
        Person(before.new_page(), stack).sign_in("premium")
        state = before.storage_state()
        before.close()
    context = browser.new_context(viewport={"width": 1280, "height": 800}, storage_state=state)
    yield context
    context.close()


def _slow_down(context: BrowserContext, page: Page) -> None:
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})


def _page_load(seen: dict[str, float], sizes: dict[str, int]) -> PageLoad:
    first = sum(size for url, size in sizes.items() if not is_editor(url))
    return PageLoad(
        first_kb=first / 1000,
        all_kb=sum(sizes.values()) / 1000,
        requests=len(sizes),
        first_paint=seen["first"],
        largest_paint=seen["largest"],
        interactive=max(seen["ready"], seen["busyUntil"]),
        blocked=seen["longest"],
        shift=seen["shift"],
    )


def _body_size(request: Request) -> int:
    return request.sizes()["responseBodySize"]


def is_editor(url: str) -> bool:
    """Whether a script is CodeMirror or one of its languages. The names of their shared parts begin with
    ``dist-``, which Vite gives them."""
    return any(part in url for part in ("CodeEditor", "/dist-"))
