"""A person signs up, solves a problem, and gets the verdict by every transport."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Route, expect

from tests.browser.app_fixture import Stack
from tests.browser.person import JUDGED_MS, Person

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


def test_a_newcomer_signs_up_and_solves_a_problem(visit: Visit) -> None:
    person = visit()
    person.sign_up(f"ada-{secrets.token_hex(4)}", "a long password")
    person.page.get_by_role("link", name="A+B").or_(
        person.page.locator("a[href='/problems/aplusb']")
    ).first.click()
    person.write("python3", RIGHT)
    person.submit()
    person.expect_verdict("Accepted")
    expect(person.page.locator(".runtimes figcaption")).to_contain_text(
        re.compile("No one else has|other pe")
    )
    person.page.get_by_role("link", name="Every test of this submission").click()
    expect(person.page.get_by_role("table", name="Every test and its verdict")).to_be_visible()
    person.open("/problems")
    solved = person.page.get_by_role("row").filter(has=person.page.locator("a[href='/problems/aplusb']"))
    expect(solved.get_by_title("solved")).to_be_visible()
    expect(solved).to_contain_text("%")


def test_a_wrong_answer_shows_the_difference_to_the_failed_sample(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", WRONG)
    person.submit()
    person.expect_verdict("Wrong Answer")
    expect(person.page.get_by_role("heading", name="Failed on sample/1")).to_be_visible()
    expect(person.page.locator(".diff .diff-changed")).to_have_count(1)


def test_a_compile_error_links_to_its_line(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("cpp20", BROKEN)
    person.submit()
    person.expect_verdict("Compile Error")
    person.page.locator(".line-link").filter(has_text=":4:").first.click()
    expect(person.page.locator(".cm-activeLine")).to_contain_text("return missing")


@pytest.mark.slow  # other verdicts are shown by the tests above
def test_an_endless_program_gets_the_verdict_time_limit_exceeded(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", ENDLESS)
    person.submit()
    person.expect_verdict("Time Limit Exceeded")


@pytest.mark.slow  # test_own_inputs_are_kept_and_shortcuts_work_outside_of_the_editor runs own input too
def test_a_run_with_own_input_shows_the_output_of_the_program(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", RIGHT)
    person.page.get_by_label("Own input").check()
    person.page.get_by_role("textbox", name="Own input").fill("20 22")
    person.page.get_by_role("button", name="Run", exact=True).click()
    person.expect_verdict("Finished")
    expect(person.page.get_by_role("group", name="Your output")).to_have_text("42\n")


@pytest.mark.slow  # test_a_person_signs_in_and_solves_a_problem_by_keyboard submits by keyboard too
def test_a_person_runs_the_samples_and_submits_by_keyboard(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", WRONG)
    person.page.keyboard.press("Control+'")
    person.expect_verdict("Wrong Answer")
    person.page.locator(".cm-content").click()
    person.page.keyboard.press("Control+Enter")
    expect(person.page.get_by_role("tab", name="Verdict")).to_have_attribute("aria-selected", "true")


BLOCKED = {"websocket": [], "sse": ["WebSocket"], "polling": ["WebSocket", "EventSource"]}


@pytest.mark.parametrize("transport", BLOCKED)
def test_the_verdict_arrives_by_each_transport(visit: Visit, transport: str) -> None:
    """A policy or an extension of the browser may block an API, which then throws. The next transport brings
    the verdict."""
    person = visit()
    for name in BLOCKED[transport]:
        person.page.add_init_script(
            f"window.{name} = class {{ constructor() {{ throw new Error('blocked') }} }}"
        )
    person.sign_in("premium")
    person.open("/problems/aplusb")
    person.write("python3", RIGHT)
    person.submit()
    person.expect_verdict("Accepted")
    assert person.transport() == transport


def test_a_draft_is_kept_after_a_reload(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", "# half a thought")
    person.page.reload()
    expect(person.page.locator(".editor-plain")).to_have_value("# half a thought")
    expect(person.open_editor()).to_contain_text("# half a thought")


def test_an_account_cannot_open_a_submission_of_another_account(visit: Visit) -> None:
    one = at_problem(visit, "premium")
    one.write("python3", RIGHT)
    one.submit()
    one.expect_verdict("Accepted")
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
        pytest.param("cpp20", f"#error {HURT}\n", "Compile Error", marks=pytest.mark.slow),
    ],
)
def test_hostile_sources_and_outputs_are_shown_as_text(
    visit: Visit, language: str, source: str, words: str
) -> None:
    """This holds in the verdict, in the compiler's message, and on the submission's page."""
    person = at_problem(visit)
    person.write(language, source)
    person.submit()
    person.expect_verdict(words)
    expect(person.page.locator(".verdict-panel")).to_contain_text("onerror=")
    person.page.get_by_role("link", name="Every test of this submission").click()
    # Wait for the submission's page. The problem's page has the same texts, but also a script with its data.
    expect(person.page.locator(".source-view")).to_be_visible()
    expect(person.page.get_by_role("main")).to_contain_text("onerror=")
    assert person.page.evaluate("window.hurt") is None
    assert person.page.locator("main img, main script").count() == 0


def test_a_hostile_name_of_a_key_is_shown_as_text(visit: Visit, stack: Stack) -> None:
    headers = {"Authorization": f"Bearer {stack.keys['normal']}"}
    made = requests.post(f"{stack.url}/me/keys", json={"name": HURT[:60]}, headers=headers, timeout=20)
    assert made.status_code == 201, made.text
    person = visit()
    person.sign_in("normal")
    person.open("/account")
    expect(person.page.get_by_role("main")).to_contain_text("onerror=")
    assert person.page.evaluate("window.hurt") is None
    assert person.page.locator("[onerror], main script").count() == 0


@pytest.mark.slow  # the next test submits again too
def test_a_person_reads_the_source_of_a_submission_and_submits_again(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("cpp20", BROKEN)
    person.submit()
    person.expect_verdict("Compile Error")
    person.page.get_by_role("link", name="Every test of this submission").click()
    expect(person.page.locator(".source-view .cm-content")).to_contain_text("return missing")
    person.page.locator(".line-link").first.click()
    expect(person.page.locator(".source-view .cm-activeLine")).to_contain_text("return missing")
    before = person.page.url
    person.page.get_by_role("button", name="Submit again").click()
    person.page.get_by_role("dialog").get_by_role("button", name="Submit again").click()
    person.page.wait_for_url(lambda url: url != before)
    person.expect_verdict("Compile Error")
    person.page.get_by_role("button", name="Open in the editor").click()
    person.page.get_by_role("dialog").get_by_role("button", name="Open in the editor").click()
    expect(person.open_editor()).to_contain_text("return missing")


def test_a_person_submits_a_program_of_several_files_again(visit: Visit, stack: Stack) -> None:
    files = [
        {"name": "main.py", "content": "from helper import total\nprint(total())\n"},
        {"name": "helper.py", "content": "def total():\n    return sum(map(int, input().split()))\n"},
    ]
    headers = {"Authorization": f"Bearer {stack.keys['premium']}"}
    body = {"problem": "aplusb", "language": "python3", "files": files}
    posted = requests.post(f"{stack.url}/submissions", json=body, headers=headers, timeout=30)
    person = at_problem(visit)
    person.open(f"/submissions/{posted.json()['id']}")
    person.expect_verdict("Accepted")
    expect(person.page.get_by_role("button", name="Open in the editor")).to_have_count(0)
    before = person.page.url
    person.page.get_by_role("button", name="Submit again").click()
    person.page.get_by_role("dialog").get_by_role("button", name="Submit again").click()
    person.page.wait_for_url(lambda url: url != before)
    person.expect_verdict("Accepted")


def test_a_person_filters_submissions_and_runs_are_listed_on_request(visit: Visit) -> None:
    person = visit()
    person.sign_up(f"ada-{secrets.token_hex(4)}", "a long password")
    person.open("/problems/aplusb")
    for source, words in ((RIGHT, "Accepted"), (WRONG, "Wrong Answer")):
        person.write("python3", source)
        person.submit()
        person.expect_verdict(words)
    person.page.get_by_role("button", name="Run", exact=True).click()
    person.expect_verdict("Wrong Answer")
    person.open("/submissions")
    rows = person.page.locator(".submission-table tbody tr")
    expect(rows).to_have_count(2)
    person.page.get_by_label("Verdict").select_option("AC")
    expect(rows).to_have_count(1)
    person.page.get_by_label("Kind").select_option("both")
    person.page.get_by_label("Verdict").select_option("")
    expect(rows).to_have_count(3)
    person.page.get_by_label("Language").select_option("cpp20")
    expect(person.page.get_by_text("No submissions here yet")).to_be_visible()


def test_a_person_searches_problems_and_filters_by_difficulty(visit: Visit) -> None:
    person = visit()
    person.sign_in("premium")
    person.page.get_by_label("Search problems by name or keyword").fill("graphs")
    expect(person.page.locator(".problem-table tbody tr")).to_have_count(1)
    expect(person.page).to_have_url(re.compile("search=graphs"))
    person.page.get_by_label("Search problems by name or keyword").fill("")
    person.page.get_by_label("Difficulty").select_option("medium")
    expect(person.page.locator(".difficulty-easy")).to_have_count(0)
    expect(person.page.locator(".difficulty-medium").first).to_be_visible()


def test_a_person_signs_in_and_solves_a_problem_by_keyboard(visit: Visit) -> None:
    """The person signs in and gets a verdict without a mouse. Each element that gets the focus shows it."""
    person = visit()
    person.forget_drafts("premium")
    person.open("/sign-in")
    keys = person.page.keyboard
    person.tab_to("API key", role="tab")
    person.tab_to("API key", role="textbox", typing=person.stack.keys["premium"])
    keys.press("Enter")
    expect(person.page.get_by_role("heading", name="Problems")).to_be_visible()
    person.tab_to("A plus B", role="link")
    keys.press("Enter")
    expect(person.page.locator(".editor-plain")).to_be_visible()
    person.tab_to("Language", role="combobox", typing="Python 3")
    name = "Your program in Python 3 (CPython)"
    expect(person.page.locator(".editor-plain")).to_have_accessible_name(name)
    person.tab_to("Your program in Python 3 (CPython)", role="textbox")
    keys.press("Control+a")
    keys.insert_text(RIGHT)
    keys.press("Control+Enter")
    person.expect_verdict("Accepted")
    keys.press("Escape")
    person.tab_to("Height of the editor", role="separator")
    before = person.page.get_by_role("separator", name="Height of the editor").get_attribute("aria-valuenow")
    keys.press("ArrowUp")
    after = person.page.get_by_role("separator", name="Height of the editor").get_attribute("aria-valuenow")
    assert int(str(after)) == int(str(before)) - 2
    person.tab_to("Every test of this submission", role="link")
    keys.press("Enter")
    expect(person.page.get_by_role("table", name="Every test and its verdict")).to_be_visible()


def test_screen_readers_get_the_verdict_as_one_sentence(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", RIGHT)
    person.submit()
    person.expect_verdict("Accepted")
    said = person.page.locator(".verdict-panel [role=status]").first
    expect(said).to_contain_text("Verdict: Accepted, 11 of 11 tests passed, runtime")


def set_up_editor(person: Person, chosen: dict[str, str]) -> None:
    person.page.get_by_role("button", name="Editor settings").click()
    for label, value in chosen.items():
        person.page.get_by_role("combobox", name=label, exact=True).select_option(value)
    person.page.get_by_role("dialog").get_by_role("button", name="Close").click()


def test_a_person_copies_a_sample_and_the_font_size_and_theme_are_kept(visit: Visit) -> None:
    person = at_problem(visit, permissions=["clipboard-read", "clipboard-write"])
    person.page.get_by_role("button", name="Copy input").first.click()
    expect(person.page.get_by_text("Copied")).to_be_visible()
    assert person.page.evaluate("navigator.clipboard.readText()") == "1 2\n"
    set_up_editor(person, {"Font size": "20"})
    person.page.get_by_role("button", name="Colours: as the system").click()
    person.page.get_by_role("button", name="Colours: light").click()
    person.page.reload()
    expect(person.page.locator(".editor-plain")).to_have_css("font-size", "20px")
    person.open_editor()
    expect(person.page.locator(".cm-scroller")).to_have_css("font-size", "20px")
    assert person.page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_each_language_has_its_own_starter_code_and_draft(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("cpp20", "// mine in C++")
    language = person.page.get_by_label("Language", exact=True)
    language.select_option("java")
    expect(person.page.locator(".cm-content")).to_contain_text("public static void main")
    expect(person.page.locator(".language-version")).to_have_text(re.compile(r"^[0-9]+[.][0-9.]+ *$"))
    language.select_option("cpp20")
    expect(person.page.locator(".cm-content")).to_contain_text("// mine in C++")
    person.page.get_by_role("button", name="Start over with the starter code").click()
    person.page.get_by_role("dialog").get_by_role("button").last.click()
    expect(person.page.locator(".cm-content")).to_contain_text("#include <iostream>")


PASSWORD = "a long password"


def test_a_draft_is_shown_in_a_second_browser_but_not_to_another_account(visit: Visit) -> None:
    """Another account in the same browser does not see the drafts. The same account in another browser
    does."""
    name = f"ada-{secrets.token_hex(4)}"
    person = visit()
    person.sign_up(name, PASSWORD)
    person.open("/problems/aplusb")
    with person.page.expect_response(lambda answer: "/me/drafts/aplusb/python3" in answer.url):
        person.write("python3", "# a thought of mine")
    person.page.get_by_role("button", name="Sign out").click()
    expect(person.page.get_by_role("link", name="Sign in")).to_be_visible()
    person.sign_up(f"bob-{secrets.token_hex(4)}", PASSWORD)
    person.open("/problems/aplusb")
    expect(person.open_editor()).not_to_contain_text("a thought of mine")
    elsewhere = visit()
    elsewhere.open("/sign-in?next=/problems/aplusb")
    elsewhere.page.get_by_label("Name", exact=True).fill(name)
    elsewhere.page.get_by_label("Password", exact=True).fill(PASSWORD)
    elsewhere.page.get_by_role("main").get_by_role("button", name="Sign in").click()
    elsewhere.page.get_by_label("Language", exact=True).select_option("python3")
    expect(elsewhere.open_editor()).to_contain_text("a thought of mine")


def test_a_person_whose_session_ended_signs_in_on_the_page_and_submits(visit: Visit) -> None:
    name = f"ada-{secrets.token_hex(4)}"
    person = visit()
    person.sign_up(name, PASSWORD)
    person.open("/problems/aplusb")
    person.write("python3", RIGHT)
    person.page.context.clear_cookies()
    person.submit()
    dialog = person.page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_be_visible()
    assert person.accessibility_violations() == []
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_have_count(0)
    person.expect_verdict("Accepted")
    expect(person.page.locator(".cm-content")).to_contain_text("print(sum(map(int")


@pytest.mark.slow  # test_journeys.py shows the verdict on a second device
def test_the_verdict_is_shown_again_after_a_reload(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", RIGHT)
    person.submit()
    person.expect_verdict("Accepted")
    expect(person.page.get_by_role("link", name=re.compile("^Next: "))).to_be_visible()
    person.page.reload()
    person.expect_verdict("Accepted")


@pytest.mark.slow  # test_journeys.py uses this bar by taps
def test_a_bar_on_a_phone_switches_between_statement_code_and_results(visit: Visit) -> None:
    person = at_problem(visit, viewport={"width": 390, "height": 844})
    page = person.page
    submit = page.get_by_role("button", name="Submit")
    for part, shown in (("Problem", ".prose"), ("Code", ".editor-plain"), ("Results", ".input-pane")):
        person.show_part(part)
        expect(page.locator(shown).first).to_be_visible()
        expect(submit).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert person.accessibility_violations() == []
    person.write("python3", WRONG)
    person.submit()
    person.expect_verdict("Wrong Answer")


@pytest.mark.slow  # test_a_compile_error_links_to_its_line follows such a link too
def test_a_traceback_is_shown_first_and_links_to_its_line(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", "x = input()\nprint(1 / 0)\n")
    person.page.get_by_role("button", name="Run", exact=True).click()
    person.expect_verdict("Runtime Error")
    person.page.locator(".line-link").first.click()
    expect(person.page.locator(".cm-activeLine")).to_contain_text("1 / 0")
    first = person.page.locator(".test-detail figcaption").first
    expect(first).to_contain_text("Standard error")


@pytest.mark.parametrize(
    ("language", "begun", "word"),
    [
        pytest.param("python3", "enumer", "enumerate", marks=pytest.mark.slow),
        ("cpp20", "vect", "vector"),
        pytest.param("java", "Scann", "Scanner", marks=pytest.mark.slow),
        pytest.param("javascript", "conso", "console", marks=pytest.mark.slow),
    ],
)
def test_the_editor_completes_names_of_the_language(
    visit: Visit, language: str, begun: str, word: str
) -> None:
    person = at_problem(visit)
    person.write(language, "")
    person.page.keyboard.type(begun)
    person.page.get_by_role("option", name=word, exact=True).click()
    expect(person.page.locator(".cm-content")).to_contain_text(word)


def test_own_inputs_are_kept_and_shortcuts_work_outside_of_the_editor(visit: Visit) -> None:
    person = at_problem(visit)
    page = person.page
    person.write("python3", RIGHT)
    page.get_by_label("Own input").check()
    own = page.get_by_role("textbox", name="Own input")
    own.fill("20 22")
    page.get_by_role("button", name="Add an input").click()
    own.fill("1 1")
    page.reload()
    page.get_by_label("Own input 2").check()
    expect(own).to_have_value("1 1")
    page.get_by_role("heading", name="A plus B").click()
    page.keyboard.press("Control+'")
    person.expect_verdict("Finished")
    expect(page.get_by_role("group", name="Your output")).to_have_text("2\n")
    page.get_by_role("heading", name="A plus B").click()
    page.keyboard.press("Control+Enter")
    person.expect_verdict("Accepted")


@pytest.mark.slow  # test_a_person_signs_in_and_solves_a_problem_by_keyboard uses the keyboard too
def test_a_person_moves_between_test_results_by_keyboard(visit: Visit) -> None:
    person = at_problem(visit)
    person.write("python3", RIGHT)
    person.submit()
    person.expect_verdict("Accepted")
    person.page.get_by_role("button", name="sample/1: Accepted").focus()
    person.page.keyboard.press("ArrowRight")
    expect(person.page.locator(".test-strip-chosen")).to_contain_text("sample/2")


def test_no_typed_character_is_lost_while_the_editor_loads(visit: Visit) -> None:
    """The editor has the text that was typed into the plain field, with the cursor at its end."""
    person = at_problem(visit)
    held: list[Route] = []
    person.page.route("**/assets/CodeEditor-*", lambda route: held.append(route))
    person.page.get_by_label("Language", exact=True).select_option("python3")
    plain = person.page.locator(".editor-plain")
    plain.focus()
    person.page.keyboard.press("Control+a")
    person.page.keyboard.type("abc")
    expect(plain).to_have_value("abc")
    assert held, "the browser did not request the editor when the field got the focus"
    held[0].continue_()
    person.page.keyboard.type("defghijklm")
    expect(person.page.locator(".cm-content")).to_be_focused()
    person.page.keyboard.type("n")
    expect(person.page.locator(".cm-content")).to_have_text("abcdefghijklmn")


def test_a_missing_formatter_is_named_and_the_program_is_unchanged(visit: Visit) -> None:
    """The button runs the formatter in the sandbox. This stack has no black, and neither have the images."""
    person = at_problem(visit)
    page = person.page
    person.write("python3", "print( 1 )")
    page.get_by_role("button", name="Format").click()
    expect(page.get_by_text("This server has no black")).to_be_visible(timeout=JUDGED_MS)
    expect(page.locator(".cm-content")).to_contain_text("print( 1 )")


@pytest.mark.slow  # test_a_person_copies_a_sample_and_the_font_size_and_theme_are_kept sets options too
def test_the_chosen_vim_keys_and_font_are_kept_after_a_reload(visit: Visit) -> None:
    person = at_problem(visit)
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url))
    person.write("python3", "one\ntwo\n")
    assert not any("/vim-" in url for url in asked), "vim's keys must be loaded only when they are chosen"
    set_up_editor(person, {"Key bindings": "vim", "Font": "Courier New"})
    expect(person.page.locator(".cm-vim-panel, .cm-vimMode").first).to_be_attached()
    person.page.locator(".cm-content").click()
    person.page.keyboard.type("ggdd")
    expect(person.page.locator(".cm-line").first).to_have_text("two")
    person.page.keyboard.press("Control+Enter")
    expect(person.page.get_by_role("tab", name="Verdict")).to_have_attribute("aria-selected", "true")
    person.page.reload()
    person.page.get_by_role("button", name="Editor settings").click()
    expect(person.page.get_by_role("combobox", name="Key bindings")).to_have_value("vim")
    person.page.keyboard.press("Escape")
    expect(person.page.locator(".editor-plain")).to_have_css("font-family", re.compile("Courier New"))
