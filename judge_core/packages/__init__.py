"""Reads, checks and stores problem packages of the ICPC/Kattis format.

Each name is imported when it is first used. A process that renders a statement starts for each package, and
needs few of the modules below this folder.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from judge_core.packages.diagnostics import BrokenPackage, Diagnostic
    from judge_core.packages.package import Package, Program, TestCase, TestGroup
    from judge_core.packages.package_store import PackageStore, StoredPackage
    from judge_core.packages.reader import inspect_package, read_package, slug_for
    from judge_core.packages.upload import check_upload

__all__ = [
    "BrokenPackage",
    "Diagnostic",
    "Package",
    "PackageStore",
    "Program",
    "StoredPackage",
    "TestCase",
    "TestGroup",
    "check_upload",
    "inspect_package",
    "read_package",
    "slug_for",
]
_MODULES = {
    "diagnostics": ("BrokenPackage", "Diagnostic"),
    "package": ("Package", "Program", "TestCase", "TestGroup"),
    "package_store": ("PackageStore", "StoredPackage"),
    "reader": ("inspect_package", "read_package", "slug_for"),
    "upload": ("check_upload",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    return found
