"""Published rows of the whole study, for tests of the pages that speak of it."""

from support.study import complete  # noqa: F401  (a fixture)
