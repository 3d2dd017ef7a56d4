"""Views keep the rules for texts (loading, error, empty), page weight, layout shift and security policy."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.app_fixture import Stack
from tests.browser.person import Person
from tests.browser.test_problem_page import RIGHT, WRONG, at_problem

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]

MOST_SHIFT = 0.02
MOST_SHIFT_OF_FORMULAS = 0.1
"""Web Vitals call this good. A slow host paints a statement's MathML before KaTeX and its fonts are there.
On a phone a line with a power is then 6 pixels higher for a moment, which counts 0.05."""
VIEWS = {
    "/problems": ("/problems", "the problems"),
    "/problems/aplusb": ("/problems/aplusb", "the problem"),
    "/submissions": ("/submissions", "the submissions"),
    "/account": ("/me/keys", "the keys"),
    "/my-problems": ("/admin/problems", "your problems"),
    "/admin/": ("/admin/queues", "the queues"),
    "/admin/submissions": ("/admin/submissions", "the submissions"),
    "/admin/workers": ("/admin/workers", "the workers"),
    "/admin/problems": ("/admin/problems", "the problems"),
    "/admin/languages": ("/languages", "the languages"),
    "/admin/accounts": ("/admin/accounts", "the accounts"),
    "/admin/audit": ("/admin/audit", "the audit log"),
}
"""For each view, the API path of its data, and the name that the view shows for the data."""
ALWAYS_TRIED = ("/problems", "/problems/aplusb", "/account", "/admin/")
"""Views that `make test-browser` tries. `make test-browser-slow` tries the others."""
CARRIED = ("/problems/aplusb",)
"""Views whose data comes with the page. They request data only if a link on a page leads to them."""


class RouteInterceptor:
    """Intercepts a page's requests to one API path. ``mode`` decides how they are answered."""

    def __init__(self, page: Page, path: str, mode: str = "open", body: object = None) -> None:
        self.mode = mode
        self._body = body
        self._held: list[Route] = []
        page.route(lambda url: url.split("?")[0].endswith(path), self._intercept)

    def set_mode(self, mode: str) -> None:
        """Change the mode, and answer the requests that were held."""
        self.mode, held, self._held = mode, self._held, []
        for route in held:
            self._answer(route)

    def _intercept(self, route: Route, request: Request) -> None:
        is_read = request.resource_type == "fetch" and request.method == "GET"
        self._answer(route) if is_read else route.continue_()

    def _answer(self, route: Route) -> None:
        match self.mode:
            case "hold":
                self._held.append(route)
            case "refuse":
                problem = {"type": "/errors/full", "title": "Full", "detail": "The disk is full."}
                route.fulfill(status=503, body=json.dumps(problem), content_type="application/problem+json")
            case "cut":
                route.abort()
            case "give":
                route.fulfill(json=self._body)
            case _:
                route.continue_()


def without_streams(page: Page) -> None:
    page.add_init_script("window.EventSource = class { constructor() { throw new Error('blocked') } }")


@pytest.mark.parametrize(
    "view",
    [view if view in ALWAYS_TRIED else pytest.param(view, marks=pytest.mark.slow) for view in VIEWS],
)
def test_a_view_shows_loading_and_errors_and_loads_after_a_retry(visit: Visit, view: str) -> None:
    """The view shows that data is loading, why the request was refused, and that the server cannot be
    reached. Then the retry button loads the data."""
    path, what = VIEWS[view]
    person = visit()
    person.sign_in("admin")
    page = person.page
    without_streams(page)
    if view in CARRIED:
        person.open(view.rsplit("/", 1)[0])
    route = RouteInterceptor(page, path, "hold")
    if view in CARRIED:
        page.locator(f"a[href='{view}']").first.click()
    else:
        person.open(view)
    expect(page.get_by_text(f"Loading {what}…").first).to_be_visible()
    route.set_mode("refuse")
    alert = page.get_by_role("alert").filter(has_text=f"Could not load {what}").first
    expect(alert).to_contain_text("The disk is full.", timeout=15_000)
    assert person.accessibility_violations() == []
    route.set_mode("cut")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_contain_text("The server cannot be reached", timeout=15_000)
    route.set_mode("open")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0, timeout=15_000)


def test_a_typed_program_is_kept_while_the_connection_is_lost(visit: Visit) -> None:
    """The typed program stays, and a notice is shown until the connection is back."""
    person = at_problem(visit)
    person.write("python3", "# half a thought")
    person.page.context.set_offline(True)
    expect(person.page.get_by_text("You are offline. Your code is kept in this browser")).to_be_visible()
    person.submit()
    expect(person.page.get_by_role("alert")).to_contain_text("The server cannot be reached")
    expect(person.page.locator(".cm-content")).to_contain_text("# half a thought")
    person.page.context.set_offline(False)
    expect(person.page.get_by_text("You are offline")).to_have_count(0)
    person.write("python3", RIGHT)
    person.submit()
    person.expect_verdict("Accepted")


NOTHING: dict[str, object] = {
    "problems": [],
    "workers": [],
    "languages": [],
    "entries": [],
    "submissions": [],
    "cursor": None,
}
EMPTY = {
    "/problems": "There are no problems yet",
    "/admin/problems": "There are no problems yet",
    "/my-problems": "You have no problems yet",
    "/admin/workers": "No worker is registered",
    "/admin/languages": "No language is set up",
    "/admin/audit": "Nothing has been done yet",
    "/admin/submissions": "Nothing waits",
}
API_OF = {"/my-problems": "/admin/problems", "/admin/languages": "/languages"}
"""The API path of each page whose own path differs."""


def test_an_empty_view_says_so_or_suggests_a_next_step(visit: Visit, stack: Stack) -> None:
    person = visit()
    person.sign_up(f"new-{secrets.token_hex(4)}", "a long password")
    person.open("/submissions")
    expect(person.page.get_by_role("main").get_by_role("link", name="Choose a problem")).to_be_visible()
    person.open("/account")
    expect(person.page.get_by_text("No key yet")).to_be_visible()
    person.open("/problems?search=nothing-is-called-this")
    expect(person.page.get_by_text("Nothing matches “nothing-is-called-this”")).to_be_visible()
    person.open("/problems/aplusb")
    expect(person.page.get_by_role("tab", name="Verdict")).to_be_visible()
    person.page.get_by_role("tab", name="Verdict").click()
    expect(person.page.get_by_text("Nothing has been submitted yet")).to_be_visible()
    person.page.get_by_role("tab", name="My submissions").click()
    expect(person.page.get_by_text("No submissions here yet")).to_be_visible()
    admin = visit()
    admin.sign_in("admin")
    without_streams(admin.page)
    for path, words in EMPTY.items():
        RouteInterceptor(admin.page, API_OF.get(path, path), "give", NOTHING)
        admin.open(path)
        expect(admin.page.get_by_text(words).first).to_be_visible()
        admin.page.unroute_all()


def test_a_view_asks_visitors_to_sign_in_and_refuses_other_roles(visit: Visit) -> None:
    person = visit()
    for path in ("/submissions", "/account", "/admin/"):
        person.open(path)
        expect(person.page.get_by_role("heading", name="Sign in first")).to_be_visible()
    person.sign_in("normal")
    person.open("/admin/")
    expect(person.page.get_by_role("heading", name="For administrators")).to_be_visible()
    person.open("/problems/there-is-none")
    expect(person.page.get_by_role("heading", name="There is no such problem")).to_be_visible()


SHIFTS = """() => {
    window.shifts = [];
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.shifts.push({
            value: entry.value,
            what: entry.sources.map(one => one.node?.className ?? one.node?.nodeName).join(" "),
        });
    }).observe({type: "layout-shift", buffered: true});
}"""


@pytest.mark.parametrize("size", [pytest.param((1280, 800), marks=pytest.mark.slow), (390, 844)])
@pytest.mark.parametrize(("source", "words"), [(RIGHT, "Accepted"), (WRONG, "Wrong Answer")])
def test_the_layout_hardly_shifts_when_results_arrive(
    visit: Visit, size: tuple[int, int], source: str, words: str
) -> None:
    """The browser itself measures the layout shifts, from the opening of the problem to the verdict."""
    person = visit(viewport={"width": size[0], "height": size[1]})
    person.sign_in("premium")
    person.page.add_init_script(f"({SHIFTS})()")
    person.open("/problems/aplusb")
    expect(person.page.locator(".katex").first).to_be_visible()
    person.write("python3", source)
    person.submit()
    person.expect_verdict(words)
    expect(person.page.get_by_role("link", name="Every test of this submission")).to_be_attached()
    shifts = person.page.evaluate("window.shifts")
    assert sum(shift["value"] for shift in shifts) <= MOST_SHIFT_OF_FORMULAS, shifts


@pytest.mark.parametrize(
    "path",
    [
        *("/problems", "/admin/workers"),
        *(pytest.param(path, marks=pytest.mark.slow) for path in ("/submissions", "/admin/")),
    ],
)
def test_the_layout_hardly_shifts_when_a_list_arrives(visit: Visit, path: str) -> None:
    person = visit()
    person.sign_in("admin")
    person.page.add_init_script(f"({SHIFTS})()")
    person.open(path)
    expect(person.page.locator("h1")).to_be_visible()
    expect(person.page.locator(".loading")).to_have_count(0)
    expect(person.page.locator(".chart-container:not(:has(canvas))")).to_have_count(0)
    shifts = person.page.evaluate("window.shifts")
    assert sum(shift["value"] for shift in shifts) <= MOST_SHIFT, shifts


@pytest.mark.parametrize(
    ("path", "most"),
    [
        *(pytest.param(path, 120_000, marks=pytest.mark.slow) for path in ("/", "/problems")),
        ("/problems/aplusb", 250_000),
    ],
    ids=["home", "list", "problem"],
)
def test_the_first_load_of_a_page_stays_below_its_size_limit(visit: Visit, path: str, most: int) -> None:
    """Counts the bytes that are loaded before the mouse is moved or a key is pressed. The editor must not be
    loaded by then."""
    person = visit()
    person.sign_in("premium")
    fresh = visit(storage_state=person.page.context.storage_state())
    weights: dict[str, int] = {}
    fresh.page.on(
        "requestfinished", lambda request: weights.update({request.url: transferred_bytes(request)})
    )
    fresh.open(path)
    expect(fresh.page.locator("h1").first).to_be_visible()
    expect(fresh.page.locator(".loading")).to_have_count(0)
    if path == "/problems/aplusb":
        expect(fresh.page.locator(".katex").first).to_be_visible()
        expect(fresh.page.locator(".editor-plain")).to_be_visible()
    fresh.page.wait_for_load_state("networkidle")
    assert not any("CodeEditor" in url for url in weights)
    assert sum(weights.values()) < most, weights


def test_a_person_sorts_filters_searches_and_pages_two_thousand_problems(visit: Visit, stack: Stack) -> None:
    """The list shows a hundred rows at a time. Sorting, filter, page and search work together."""
    headers = {"Authorization": f"Bearer {stack.keys['premium']}"}
    one = requests.get(f"{stack.url}/problems", headers=headers, timeout=20).json()["problems"][0]
    levels = ("easy", "medium", "hard")
    many = [
        {**one, "slug": f"many{number}", "name": f"Problem {number}", "difficulty": levels[number % 3]}
        | {"tags": ["even" if number % 2 == 0 else "odd"], "mark": "solved" if number < 500 else None}
        for number in range(2000)
    ]
    person = visit()
    person.sign_in("premium")
    page = person.page
    RouteInterceptor(page, "/problems", "give", {"problems": many})
    person.open("/problems")
    summary, rows = page.locator(".list-summary"), page.locator(".problem-table tbody tr")
    expect(summary).to_contain_text("2,000 problems, 500 solved")
    expect(summary.get_by_role("progressbar", name="Solved")).to_have_attribute("value", "500")
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="Difficulty").click()
    page.get_by_role("button", name="Difficulty").click()
    expect(rows.first).to_contain_text("hard")
    page.get_by_label("Tag").select_option("even")
    expect(summary).to_contain_text("1,000 of 2,000 problems")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Page 2 of 10")).to_be_visible()
    page.get_by_role("searchbox").fill("problem 1998")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("tag=even"))


FIRST_ANSWER = 30_000


def test_the_first_response_of_a_problem_page_is_small_and_readable_without_scripts(
    visit: Visit, stack: Stack
) -> None:
    """The first response has the statement. With its styles it stays below ``FIRST_ANSWER`` bytes."""
    headers = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    answer = requests.get(f"{stack.url}/problems/aplusb", headers=headers, stream=True, timeout=20)
    size = len(answer.raw.read())
    page = requests.get(f"{stack.url}/problems/aplusb", headers=headers, timeout=20).text
    for style in re.findall(r'href="(/assets/[^"]+\.css)"', page):
        size += len(requests.get(stack.url + style, headers=headers, stream=True, timeout=20).raw.read())
    assert size < FIRST_ANSWER
    person = visit(java_script_enabled=False)
    person.open("/problems/aplusb")
    expect(person.page.get_by_role("heading", name="A plus B")).to_be_visible()
    expect(person.page.locator(".prose")).to_contain_text("Given two integers")
    expect(person.page.locator(".sample").first).to_contain_text("1 2")


def transferred_bytes(request: Request) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


@pytest.mark.parametrize("path", ["/", "/problems/aplusb", "/admin/", "/nowhere"])
def test_the_security_policy_forbids_inline_scripts_and_other_origins(stack: Stack, path: str) -> None:
    answer = requests.get(stack.url + path, headers={"Accept": "text/html"}, timeout=20)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.headers["Content-Security-Policy"]
    again = requests.get(stack.url + path, headers={"Accept": "text/html"}, timeout=20)
    assert policy["style-src"] not in again.headers["Content-Security-Policy"], (
        "each answer must have a new nonce"
    )
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
