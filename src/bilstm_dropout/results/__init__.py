"""Many runs as tables, and the published ones under version control."""

from .manifest import parts_of, published_sets
from .measurement import Measurement
from .method import in_study, method_hash
from .published import publish, read
from .rows import config_of, fold_of, rows_of
from .tidy import summary
