#!/usr/bin/env bash
# Builds the kernels with sanitizers in a temporary folder and runs the short set on them, for each instruction set:
#   tests/kernels/sanitize.sh [sanitize|thread]
# JOBS=1 compiles one file at a time. Needs cmake, ninja, GCC's sanitizer libraries, and pybind11 and NumPy for $PYTHON.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
preset=${1:-sanitize}
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$root"
cmake --preset "$preset" -B "$work/build" -DSKBUILD_PROJECT_VERSION=0 -DPython_EXECUTABLE="$(command -v "$python")" \
  -Dpybind11_DIR="$("$python" -m pybind11 --cmakedir)" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cmake --build "$work/build" -j"${JOBS:-2}" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

mkdir -p "$work/package/genai_course/kernels"
cp genai_course/__init__.py "$work/package/genai_course/"
cp genai_course/kernels/*.py "$work/build"/_core*.so "$work/package/genai_course/kernels/"

library() { gcc -print-file-name="$1"; }
if [ "$preset" = thread ]; then
  preload=$(library libtsan.so)
else
  preload="$(library libasan.so) $(library libubsan.so)"
fi
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1
PRELOAD="$preload $(library libstdc++.so)" tests/kernels/each_set.sh "$work/package" "$python" short
