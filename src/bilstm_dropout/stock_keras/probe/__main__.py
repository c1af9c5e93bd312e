"""`python -m bilstm_dropout.stock_keras.probe`."""

import sys

from . import main

sys.exit(main(sys.argv[1:]))
