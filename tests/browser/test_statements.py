"""A statement may show formulas and pictures. The author of a statement is not trusted, so scripts in a
statement or title do not run."""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.app_fixture import Stack
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Person]

HURT = "<img src=x onerror='window.hurt=1'><script>window.hurt=1</script>"
RICH = """A sum $a + b \\le 10^{18}$, and displayed:

$$\\sum_{i=1}^{n} \\frac{x_i}{\\sqrt{2}}$$

![A red square](square.png)
"""
HOSTILE = f"""{HURT}

Nothing to see here. [a link](javascript:window.hurt=1) <a href='javascript:window.hurt=1'>x</a>

$\\href{{javascript:window.hurt=1}}{{click}}$ and $\\htmlClass{{skip}}{{x}}$ and $\\includegraphics{{https://example.org/x.png}}$

<svg onload="window.hurt=1"><style>body {{ display: none }}</style></svg>
<iframe src="https://example.org/"></iframe>
<form action="https://example.org/"><input name="password"></form>
<p style="position: fixed; inset: 0" onclick="window.hurt=1">over everything</p>

![elsewhere](https://example.org/track.png)
"""


def red_square() -> bytes:
    """A PNG of two by two pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\x00" + b"\xff\x00\x00" * 2 for _ in range(2))
    head = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def offer(stack: Stack, folder: Path, slug: str, name: str, text: str) -> None:
    """Upload a copy of the problem ``aplusb`` with this name and statement, and with a picture beside the
    statement."""
    package = shutil.copytree("problems/aplusb", folder / slug)
    lines = (package / "problem.yaml").read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("name:", "  en:"))]
    (package / "problem.yaml").write_text("\n".join([f'name: "{name}"', *kept]) + "\n")
    (statement,) = package.glob("*statement/problem.en.md")
    statement.write_text(text)
    (statement.parent / "square.png").write_bytes(red_square())
    archive = shutil.make_archive(str(folder / "package"), "zip", folder, slug)
    headers = {"Authorization": f"Bearer {stack.keys['admin']}"}
    with Path(archive).open("rb") as file:
        answer = requests.post(
            f"{stack.url}/admin/problems", files={"package": file}, headers=headers, timeout=60
        )
    assert answer.status_code == 201, answer.text


def test_formulas_and_pictures_of_a_statement_are_shown(visit: Visit, stack: Stack, tmp_path: Path) -> None:
    """KaTeX draws the formula and adds MathML for screen readers. The page loads fonts and scripts from the
    server itself."""
    offer(stack, tmp_path, "rich", "Rich", RICH)
    person = visit()
    person.open("/problems/rich")
    expect(person.page.locator(".prose .katex")).to_have_count(2)
    expect(person.page.locator(".prose .katex-display")).to_be_visible()
    expect(person.page.locator(".prose .katex-mathml math")).to_have_count(2)
    picture = person.page.get_by_alt_text("A red square")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 2
    assert person.page.evaluate("document.fonts.check('1em KaTeX_Main')")
    assert person.accessibility_violations() == []


def test_scripts_in_a_statement_and_in_a_title_do_not_run(visit: Visit, stack: Stack, tmp_path: Path) -> None:
    """This holds on the problem's page, in the list, in the audit log and in the operator's tables."""
    offer(stack, tmp_path, "hurtful", HURT, HOSTILE)
    person, admin = visit(), visit()
    person.sign_in("normal")
    expect(person.page.get_by_role("main")).to_contain_text("onerror=")
    person.open("/problems/hurtful")
    expect(person.page.get_by_text("Nothing to see here")).to_be_visible()
    expect(person.page.get_by_role("button", name="Submit")).to_be_visible()
    admin.sign_in("admin")
    for path in ("/admin/problems", "/admin/audit", "/admin/submissions"):
        admin.open(path)
        expect(admin.page.get_by_role("main")).to_contain_text(
            "hurtful" if path == "/admin/audit" else "onerror="
        )
        assert_harmless(admin)
    assert_harmless(person)


def assert_harmless(person: Person) -> None:
    page = person.page
    assert page.evaluate("window.hurt") is None
    scripts = "main :is(script:not([type='application/ld+json']), iframe)"
    for bad in ("[onerror], [onload], [onclick]", scripts, "[href^='javascript:']"):
        assert page.locator(bad).count() == 0, bad
    assert page.locator(".prose :is(style, form, input, [style*=fixed])").count() == 0


def test_a_hostile_name_of_an_account_is_refused(stack: Stack) -> None:
    """Operators see the names of accounts. So a name may have only characters that are harmless
    everywhere."""
    for name in (HURT, "a<b>", "x\u202egnp", "a b", "../admin", "=cmd()"):
        body = {"name": name, "password": "a long password"}
        answer = requests.post(f"{stack.url}/accounts", json=body, timeout=20)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name"), name
