#!/usr/bin/env bash
# Runs the short set of checks for every instruction set of this processor:
#   tests/kernels/each_set.sh FOLDER_OF_THE_PACKAGE PYTHON short|full
# with the libraries in $PRELOAD loaded first.
set -euo pipefail
export PYTHONPATH=$1 OPENBLAS_NUM_THREADS=1 GENAI_NUM_THREADS=2
sets=$(LD_PRELOAD=${PRELOAD:-} "$2" -P -c "from genai_course import kernels; print(*[s for s, here in kernels.cpu_features().items() if here])")
for isa in $sets; do
  LD_PRELOAD=${PRELOAD:-} GENAI_ISA=$isa "$2" "$(dirname "$0")/short_set.py" "$3"
done
