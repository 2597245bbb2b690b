"""The marks that NumPy's and SciPy's tests wear, which mean nothing here."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    for mark in (
        "leaks_references",
        "valgrind_error",
        "thread_unsafe",
        "skip_xp_backends",
        "xfail_xp_backends",
        "array_api_backends",
        "uses_xp_capabilities",
    ):
        config.addinivalue_line("markers", f"{mark}: of NumPy's or SciPy's tests")
