"""Published rows of the whole study, for tests of what its parts found."""

from support.study import complete  # noqa: F401  (a fixture)
