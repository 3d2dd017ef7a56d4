"""Reads, checks and stores problem packages of the ICPC/Kattis format."""

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
