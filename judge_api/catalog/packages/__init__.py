"""Problem packages of the ICPC/Kattis format: read, check, store by content."""

from judge_api.catalog.packages.faults import BrokenPackage, Fault
from judge_api.catalog.packages.library import PackageLibrary, StoredPackage
from judge_api.catalog.packages.package import Package, Program, TestCase, TestGroup
from judge_api.catalog.packages.reader import inspect_package, read_package
from judge_api.catalog.packages.upload import check_upload

__all__ = [
    "BrokenPackage",
    "Fault",
    "Package",
    "PackageLibrary",
    "Program",
    "StoredPackage",
    "TestCase",
    "TestGroup",
    "check_upload",
    "inspect_package",
    "read_package",
]
