"""The engine's small course, for these tests as well."""

from tests.engine.conftest import _own_modules, mini_course

__all__ = ["_own_modules", "mini_course"]
