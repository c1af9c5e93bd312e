"""A profile becomes executed notebooks, one kernel a placement, on local workers or a cluster."""

from .profile_files import load_profile
from .profiles import Profile
from .run import plan, records, status
