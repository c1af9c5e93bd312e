"""How a training process runs: on one thread, because two such processes train more than one with two threads."""

from __future__ import annotations

# The variables of such a process's environment; TensorFlow reads them when it starts.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}  # fmt: skip
