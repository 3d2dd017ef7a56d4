"""A person solves a problem: from signing up to each verdict, by whichever road the news comes."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.house import House
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]

RIGHT = "print(sum(map(int, input().split())))\n"
WRONG = "print(max(map(int, input().split())))\n"
ENDLESS = "while True: pass\n"
BROKEN = "#include <iostream>\n\nint main() {\n    return missing;\n}\n"


def at_problem(visit: Visit, account: str = "premium", **options: object) -> Person:
    person = visit(**options)
    person.sign_in(account)
    person.open("/problems/aplusb")
    return person


def test_from_sign_up_to_accepted(visit: Visit) -> None:
    person = visit()
    person.sign_up(f"ada-{secrets.token_hex(4)}", "a long password")
    person.page.get_by_role("link", name="A+B").or_(
        person.page.locator("a[href='/problems/aplusb']")
    ).first.click()
    person.write("python3", RIGHT)
    person.submit()
    person.sees_verdict("Accepted")
    expect(person.page.locator(".runtimes figcaption")).to_contain_text("accepted submission")
    person.page.get_by_role("link", name="Every test of this submission").click()
    expect(person.page.get_by_role("table", name="Every test and its verdict")).to_be_visible()
    person.open("/problems")
    solved = person.page.get_by_role("row").filter(has=person.page.locator("a[href='/problems/aplusb']"))
    expect(solved.get_by_title("solved")).to_be_visible()
    expect(solved).to_contain_text("%")


def test_a_wrong_answer_shows_the_failing_sample_side_by_side(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", WRONG)
    person.submit()
    person.sees_verdict("Wrong Answer")
    expect(person.page.get_by_role("heading", name="Failed on sample/1")).to_be_visible()
    expect(person.page.locator(".diff .differs")).to_have_count(1)


def test_a_compile_error_leads_to_its_line(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("cpp20", BROKEN)
    person.submit()
    person.sees_verdict("Compile Error")
    person.page.locator(".line-link").filter(has_text=":4:").first.click()
    expect(person.page.locator(".cm-activeLine")).to_contain_text("return missing")


def test_time_limit_exceeded(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", ENDLESS)
    person.submit()
    person.sees_verdict("Time Limit Exceeded")


def test_a_run_with_own_input_prints_what_the_program_prints(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", RIGHT)
    person.page.get_by_label("Own input").check()
    person.page.get_by_role("textbox", name="Own input").fill("20 22")
    person.page.get_by_role("button", name="Run", exact=True).click()
    person.sees_verdict("Finished")
    expect(person.page.get_by_role("group", name="Your output")).to_have_text("42\n")


def test_samples_are_run_by_keyboard_alone(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", WRONG)
    person.page.keyboard.press("Control+'")
    person.sees_verdict("Wrong Answer")
    person.page.locator(".cm-content").click()
    person.page.keyboard.press("Control+Enter")
    expect(person.page.get_by_role("tab", name="Verdict")).to_have_attribute("aria-selected", "true")


BLOCKED = {"websocket": [], "sse": ["WebSocket"], "polling": ["WebSocket", "EventSource"]}


@pytest.mark.parametrize("road", BLOCKED)
def test_the_verdict_comes_by_every_road(visit: Visit, road: str) -> None:
    """A blocked road throws, as a policy or an extension makes it; nobody is told, and the verdict comes."""
    person = visit()
    for name in BLOCKED[road]:
        person.page.add_init_script(
            f"window.{name} = class {{ constructor() {{ throw new Error('blocked') }} }}"
        )
    person.sign_in("premium")
    person.open("/problems/aplusb")
    person.write("python3", RIGHT)
    person.submit()
    person.sees_verdict("Accepted")
    assert person.road() == road


def test_a_draft_outlives_a_reload(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", "# half a thought")
    person.page.reload()
    expect(person.page.locator(".cm-content")).to_contain_text("# half a thought")


def test_two_people_do_not_see_each_others_work(visit: Visit) -> None:
    one = at_problem(visit, "premium")
    one.write("python3", RIGHT)
    one.submit()
    one.sees_verdict("Accepted")
    link = one.page.get_by_role("link", name="Every test of this submission").get_attribute("href")
    other = visit()
    other.sign_in("normal")
    other.open(str(link))
    expect(other.page.get_by_role("heading", name="There is no such submission")).to_be_visible()


HURT = "<img src=x onerror='window.hurt=1'><script>window.hurt=1</script>"


@pytest.mark.parametrize(
    ("language", "source", "words"),
    [
        ("python3", f'print("""{HURT}""")\n', "Wrong Answer"),
        ("cpp20", f"#error {HURT}\n", "Compile Error"),
    ],
)
def test_hostile_sources_and_outputs_stay_text(visit: Visit, language: str, source: str, words: str) -> None:
    """In the verdict, in the compiler's message, in the page of the submission and as a name."""
    person = at_problem(visit)
    person.write(language, source)
    person.submit()
    person.sees_verdict(words)
    expect(person.page.locator(".verdict-panel")).to_contain_text("onerror=")
    person.page.get_by_role("link", name="Every test of this submission").click()
    expect(person.page.get_by_role("main")).to_contain_text("onerror=")
    assert person.page.evaluate("window.hurt") is None
    assert person.page.locator("main img, main script").count() == 0


def test_a_hostile_statement_and_title_stay_text(visit: Visit, house: House, tmp_path: Path) -> None:
    """On the problem's page, in the list and in the operator's table."""
    offer_hurtful(house, tmp_path)
    person, admin = visit(), visit()
    person.sign_in("normal")
    expect(person.page.get_by_role("main")).to_contain_text("onerror=")
    person.open("/problems/hurtful")
    expect(person.page.get_by_text("Nothing to see here")).to_be_visible()
    admin.sign_in("admin")
    admin.open("/admin/problems")
    expect(admin.page.get_by_role("main")).to_contain_text("onerror=")
    for one in (person, admin):
        assert one.page.evaluate("window.hurt") is None
        assert one.page.locator("[onerror], main script, [href^='javascript:']").count() == 0


def offer_hurtful(house: House, folder: Path) -> None:
    package = shutil.copytree("problems/aplusb", folder / "hurtful")
    lines = (package / "problem.yaml").read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("name:", "  en:"))]
    (package / "problem.yaml").write_text("\n".join([f'name: "{HURT}"', *kept]) + "\n")
    (statement,) = package.glob("*statement/problem.en.md")
    link = "[a link](javascript:window.hurt=1)"
    statement.write_text(
        f"{HURT}\n\nNothing to see here. {link}\n\n<a href='javascript:window.hurt=1'>x</a>\n"
    )
    archive = shutil.make_archive(str(folder / "package"), "zip", folder, "hurtful")
    headers = {"Authorization": f"Bearer {house.keys['admin']}"}
    with Path(archive).open("rb") as file:
        answer = requests.post(
            f"{house.url}/admin/problems", files={"package": file}, headers=headers, timeout=60
        )
    assert answer.status_code == 201, answer.text
