"""A profile becomes executed notebooks, one kernel a placement, on local workers or a cluster."""

from .profiles import Profile, load_profile
from .run import plan, records, status
