"""Upload of files, webhooks with their messages, and the JavaScript client work in a browser."""

from __future__ import annotations

import json
import secrets
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.browser.app_fixture import Stack
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]
CLIENT = Path(__file__).parents[2] / "clients" / "js" / "gavel.js"
FILES = {
    "main.py": "import sums\nprint(sums.of(input()))\n",
    "sums.py": "def of(line):\n    return sum(map(int, line.split()))\n",
}
IN_BROWSER = """async ([key, source]) => {
    const { Gavel } = await import("/gavel-client.js");
    const gavel = new Gavel(location.origin, { key });
    const { id } = await gavel.submit({ problem: "aplusb", language: "python3", source });
    return (await gavel.wait(id, { seconds: 60 })).verdict;
}"""


def _written(folder: Path, files: dict[str, str]) -> list[str]:
    for name, content in files.items():
        (folder / name).write_text(content)
    return [str(folder / name) for name in files]


def _upload(person: Person, paths: list[str]) -> None:
    person.page.get_by_label("Files of your program").set_input_files(paths)
    dialog = person.page.get_by_role("dialog", name="Submit these files")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Submit").click()


def _at_problem(visit: Visit) -> Person:
    person = visit()
    person.sign_in("premium")
    person.open("/problems/aplusb")
    person.page.get_by_label("Language", exact=True).select_option("python3")
    return person


def test_several_uploaded_files_are_judged_as_one_program_and_shown(visit: Visit, tmp_path: Path) -> None:
    person = _at_problem(visit)
    _upload(person, _written(tmp_path, FILES))
    person.expect_verdict("Accepted")
    person.page.get_by_role("link", name="Every test of this submission").click()
    person.page.get_by_label("File", exact=True).select_option("sums.py")
    expect(person.page.locator(".source-view")).to_contain_text("def of(line)")


@pytest.mark.slow  # the test above uploads files
def test_a_zip_is_judged_and_a_wrong_file_name_in_a_zip_is_reported(visit: Visit, tmp_path: Path) -> None:
    person = _at_problem(visit)
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    for path, names in ((good, {}), (bad, {"main.py": "-main.py"})):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in FILES.items():
                archive.writestr(f"solution/{names.get(name, name)}", content)
    _upload(person, [str(bad)])
    expect(person.page.get_by_role("alert")).to_contain_text("-main.py: must be a relative path")
    _upload(person, [str(good)])
    person.expect_verdict("Accepted")
    assert person.accessibility_violations() == []


def test_the_problem_page_has_a_machine_readable_description(visit: Visit) -> None:
    person = _at_problem(visit)
    text = person.page.locator("script[type='application/ld+json']").text_content()
    task = json.loads(text or "")["task"]
    assert task["tests"][0].keys() == {"input", "output"}
    assert task["url"].endswith("/problems/aplusb")


AS_PARSED = """() => {
    const limits = document.querySelector(".metadata-grid").textContent;
    const pairs = [...document.querySelectorAll(".sample")].map((each) => each.querySelectorAll("pre"));
    return {
        name: document.querySelector("h1").innerHTML,
        time: parseFloat(/([0-9.]+) second/.exec(limits)[1]),
        memory: parseInt(/(\\d+) MB/.exec(limits)[1], 10),
        samples: pairs.map((pair) => [pair[0].textContent, pair[1].textContent]),
        interactive: [...document.querySelectorAll("h2")].some((each) => each.textContent === "Interaction"),
    };
}"""


def test_the_problem_page_has_the_elements_that_competitive_companion_reads(visit: Visit) -> None:
    person = _at_problem(visit)
    person.page.locator(".metadata-grid").wait_for(state="attached")
    person.page.locator(".sample pre").first.wait_for()
    found = person.page.evaluate(AS_PARSED)
    problem = person.page.evaluate("async () => (await fetch('/problems/aplusb')).json()")
    assert found == {
        "name": problem["name"],
        "time": problem["limits"]["time"],
        "memory": problem["limits"]["memory"],
        "samples": [[each["input"], each["output"]] for each in problem["samples"]],
        "interactive": False,
    }


def test_an_admin_adds_tests_and_removes_a_webhook_and_resends_its_message(visit: Visit) -> None:
    person, address = visit(), f"https://example.invalid/{secrets.token_hex(4)}"
    person.sign_in("admin")
    person.open("/admin/webhooks")
    person.page.get_by_label("Address").fill(address)
    person.page.get_by_role("button", name="Add a webhook").click()
    expect(person.page.get_by_role("status").filter(has_text="whsec_")).to_be_visible()
    person.page.get_by_role("button", name=f"Messages to {address}").click()
    person.page.get_by_role("button", name="Send a test message").click()
    message = person.page.get_by_role("row").filter(has_text="webhook.test")
    expect(message).to_be_visible(timeout=20_000)  # On a busy machine the list's next refetch brings it.
    assert person.accessibility_violations() == []
    message.get_by_role("button", name="again").click()
    person.page.get_by_role("button", name=f"Remove {address}").click()
    person.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(person.page.get_by_role("button", name=f"Messages to {address}")).to_have_count(0)


def test_the_javascript_client_submits_from_a_browser(visit: Visit, stack: Stack) -> None:
    person = visit()

    def serve(route: Route) -> None:
        route.fulfill(body=CLIENT.read_text(), content_type="text/javascript")

    person.page.route("**/gavel-client.js", serve)
    person.open("/")
    source = "print(sum(map(int, input().split())))\n"
    assert person.page.evaluate(IN_BROWSER, [stack.keys["premium"], source]) == "AC"
