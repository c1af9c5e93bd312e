"""How a training process runs: on one thread, because two such processes train more than one with two threads."""

from __future__ import annotations

# The variables of such a process's environment; TensorFlow reads them when it starts. Without threads of its own XLA
# makes the loop's small products itself, in registers of the width that it is told to prefer. With 256 bits, its own
# choice, a run on JapaneseVowels took a fifth longer on a processor with registers of 512; where those are lacking,
# narrower ones serve.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false --xla_cpu_prefer_vector_width=512",
}  # fmt: skip
