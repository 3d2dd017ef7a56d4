"""The names of a package's statements, and of the files and pictures that their readers may get."""

import re

STATEMENT_FOLDERS = ("statement", "problem_statement")
STATEMENT_NAME = re.compile(
    r"problem(?:\.(?P<language>[a-zA-Z]{2,3}(?:-[a-zA-Z]{2,4})?))?\.(?P<kind>md|tex|html|htm|pdf)"
)
STATEMENTS_AT_THE_TOP = ("problem.pdf", "problem.html")
"""The names of statements in the top folder of DOMjudge's packages."""
PICTURE_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".bmp": "image/bmp",
    ".avif": "image/avif",
}
"""The pictures that browsers show, by their ending."""
MADE_PICTURES = "pictures"
"""The first part of the address of a picture that was made for a statement, such as a page of a PDF."""
