"""`python -m bilstm_dropout.stock_keras.probe`."""

import sys

from ...loading import hush
from . import main

hush()
sys.exit(main(sys.argv[1:]))
