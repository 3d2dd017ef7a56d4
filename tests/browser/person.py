"""A person who acts on the pages and checks them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import requests
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

from tests.browser import dialogs
from tests.browser.app_fixture import Stack

AXE = Path("frontend/node_modules/axe-core/axe.min.js")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
JUDGED_MS = 20_000
MOST_TABS = 60
_IN_TABLIST = "() => document.activeElement.getAttribute('role') === 'tab'"
_SHOWS_FOCUS = """() => {
    const style = getComputedStyle(document.activeElement);
    const around = document.activeElement.closest(".cm-editor");
    const shown = each => each && each.outlineStyle !== "none" && parseFloat(each.outlineWidth) > 0;
    return shown(style) || (around && shown(getComputedStyle(around)));
}"""
# The source is pasted, because the editor would close brackets and indent while it is typed. The event is
# made by a script, because the clipboard needs a permission.
PASTE = """(element, text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const how = {clipboardData: data, bubbles: true, cancelable: true};
    element.dispatchEvent(new ClipboardEvent("paste", how));
}"""


_IN_DIALOGS = """async ([tags, names]) => {
    const opened = [], found = [];
    for (const dialog of document.querySelectorAll("dialog:not([open])")) {
        const label = dialog.getAttribute("aria-label") ?? "";
        const name = names.find(([, shown]) => new RegExp(shown).test(label))?.[0];
        if (!name) found.push(`the sources name no dialog ${label}`);
        if (!name || opened.includes(name)) continue;
        opened.push(name);
        dialog.showModal();
        const {violations} = await axe.run(dialog, {runOnly: tags});
        found.push(...violations.map(one => `${label}: ${one.id}: ${one.nodes[0].html}`));
        dialog.close("no");
    }
    return [opened, found];
}"""


@dataclass(frozen=True, slots=True)
class OpenedDialogs:
    """The dialogs that a check has opened, by their names in the sources, and axe-core's violations."""

    names: frozenset[str]
    violations: list[str]


class Person:
    """A person with a browser, which collects the page's errors and its requests to other hosts."""

    def __init__(self, page: Page, stack: Stack) -> None:
        self.page = page
        self.stack = stack
        self.errors: list[str] = []
        self.other_origins: list[str] = []
        """Origins that the browser may visit, such as that of a provider of single sign-on."""
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.on("console", self._record_console)
        page.on("request", self._record_request)

    def _record_console(self, message: ConsoleMessage) -> None:
        # Some failures are expected, such as a 401 for a visitor and a blocked WebSocket.
        if message.type == "error" and not re.search(
            r"Failed to load resource|WebSocket connection", message.text
        ):
            self.errors.append(f"console: {message.text} {message.location}")

    def _record_request(self, request: Request) -> None:
        address = request.url.split("://", 1)[1]
        if any(request.url.startswith(origin) for origin in self.other_origins):
            return
        if not address.startswith(self.stack.url.split("://", 1)[1]) and not request.url.startswith("data:"):
            self.errors.append(f"a request to elsewhere: {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(self.stack.url + path)

    def sign_in(self, account: str) -> None:
        self.forget_drafts(account)
        self.open("/sign-in")
        self.page.get_by_role("tab", name="API key").click()
        self.page.get_by_label("API key", exact=True).last.fill(self.stack.keys[account])
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", name="Problems")).to_be_visible()

    def forget_drafts(self, account: str) -> None:
        """Delete the account's drafts, so that the test begins with the starter code. The tests share their
        accounts."""
        headers = {"Authorization": f"Bearer {self.stack.keys[account]}"}
        path = f"{self.stack.url}/me/drafts/aplusb"
        for draft in requests.get(path, headers=headers, timeout=20).json()["drafts"]:
            requests.delete(f"{path}/{draft['language']}", headers=headers, timeout=20)

    def sign_up(self, name: str, password: str, at: str = "/sign-up") -> None:
        self.open(at)
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Make the account").click()
        expect(self.page.get_by_role("heading", name="Problems")).to_be_visible()

    def write(self, language: str, source: str) -> None:
        """Choose the language and paste the program into the editor."""
        self.show_part("Code")
        self.page.get_by_label("Language", exact=True).select_option(language)
        editor = self.open_editor()
        editor.click()
        self.page.keyboard.press("Control+a")
        editor.evaluate(PASTE, source)

    def open_editor(self) -> Locator:
        """Focus the plain text field that the page begins with. The whole editor then replaces it."""
        expect(self.page.locator(".editor-plain, .cm-content").first).to_be_visible()
        self.page.evaluate("document.querySelector('.editor-plain')?.focus()")
        editor = self.page.locator(".cm-content")
        expect(editor).to_be_visible()
        return editor

    def show_part(self, name: str) -> None:
        """Open a part of the problem page, which a narrow screen shows one at a time."""
        bar = self.page.get_by_role("tablist", name="Part of the page")
        if (self.page.viewport_size or {"width": 1280})["width"] <= 820:
            bar.get_by_role("tab", name=name).click()

    def submit(self) -> None:
        self.page.get_by_role("button", name="Submit").click()

    def expect_verdict(self, words: str) -> None:
        expect(self.page.locator(".verdict-title")).to_have_text(words, timeout=JUDGED_MS)

    def tab_to(self, name: str, role: str, typing: str = "") -> None:
        """Press Tab until the element of this name has the focus, and check that the focus is visible."""
        wanted = self.page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(_IN_TABLIST):
                self._arrow_to(name)
            if wanted.count() and wanted.first.evaluate("one => one === document.activeElement"):
                break
        expect(wanted.first).to_be_focused()
        assert self.page.evaluate(_SHOWS_FOCUS), f"the focus on {name!r} is not visible"
        if typing:
            self.page.keyboard.type(typing)

    def _arrow_to(self, name: str) -> None:
        if self.page.get_by_role("tab", name=name, exact=True).count():
            self.page.keyboard.press("ArrowRight")

    def transport(self) -> Any:
        """The transport by which the page follows its submission."""
        return self.page.evaluate("document.documentElement.dataset.transport")

    def accessibility_violations(self) -> list[str]:
        """The violations of WCAG 2.2 AA and of best practices that axe-core finds, one line each."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "tags => axe.run(document, {runOnly: tags}).then(found => found.violations.map("
            "one => `${one.id}: ${one.help}: ${one.nodes.map(node => node.html).slice(0, 3).join(' | ')}`))",
            WCAG,
        )
        return list(found)

    def violations_in_light_and_dark(self) -> list[str]:
        """The violations that axe-core finds in both colour schemes. The page is light at the end."""
        found: list[str] = []
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme)
            found += [f"{scheme}: {one}" for one in self.accessibility_violations()]
        self.page.emulate_media(color_scheme="light")
        return found

    def dialog_violations(self) -> list[str]:
        """The violations that axe-core finds inside the dialogs of the page, which are opened for it. Several
        dialogs with the same name count as one dialog."""
        return self.open_dialogs().violations

    def open_dialogs(self) -> OpenedDialogs:
        """Open each dialog of the page and run axe-core inside it. Several dialogs with the same name count
        as one dialog."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        named = [[name, dialogs.shown(name)] for name in dialogs.names()]
        opened, found = self.page.evaluate(_IN_DIALOGS, [WCAG, named])
        return OpenedDialogs(frozenset(opened), list(found))
