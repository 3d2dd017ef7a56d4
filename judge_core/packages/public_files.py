"""The files of a package that readers of its statement may get, and the pictures that are made for it."""

STATEMENT_FOLDERS = ("statement", "problem_statement")
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
