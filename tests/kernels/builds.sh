#!/usr/bin/env bash
# Builds the kernels with GCC and with Clang in a temporary folder, every warning an error, and on each build looks for
# functions that instruction sets share and runs the short set for each set of this processor:
#   tests/kernels/builds.sh [compiler ...]
# Needs cmake, ninja, and pybind11 and NumPy for $PYTHON. JOBS=1 compiles one file at a time.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"

for compiler in "${@:-g++ clang++}"; do
  for cxx in $compiler; do
    "$cxx" --version | head -1
    build=$work/$cxx/build package=$work/$cxx/package/genai_course
    { cmake --preset release -B "$build" -DSKBUILD_PROJECT_VERSION=0 -DCMAKE_CXX_COMPILER="$cxx" \
        -DPython_EXECUTABLE="$(command -v "$python")" -Dpybind11_DIR="$("$python" -m pybind11 --cmakedir)" &&
      cmake --build "$build" -j"${JOBS:-2}"; } >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    tests/kernels/one_definition.sh "$build"
    mkdir -p "$package/kernels"
    cp genai_course/__init__.py "$package/"
    cp genai_course/kernels/*.py "$build"/_core*.so "$package/kernels/"
    tests/kernels/each_set.sh "$work/$cxx/package" "$python" full
  done
done
