#!/usr/bin/env bash
# Builds the kernels in a temporary folder and runs the short set on processors that this machine is not:
#   tests/kernels/emulate.sh [sse2] [avx2] [neon] [valgrind]
# sse2 and avx2 run under qemu-x86_64 as a Nehalem and a Haswell, whose default sets these must be; valgrind runs
# Haswell's under memcheck. neon needs aarch64-linux-gnu-g++, qemu-aarch64 and $ARM64_ROOT, a folder with Debian's
# arm64 packages of Python unpacked (python3.11-minimal, libpython3.11-{minimal,stdlib,dev}, libc6, libstdc++6,
# libgcc-s1, libexpat1, zlib1g, libffi8) and NumPy's aarch64 wheel in $ARM64_ROOT/numpy.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
export GENAI_NUM_THREADS=2 OPENBLAS_NUM_THREADS=1

build() {  # folder, then options for cmake
  local folder=$work/$1
  shift
  { cmake --preset release -B "$folder/build" -DSKBUILD_PROJECT_VERSION=0 \
      -DPython_EXECUTABLE="$(command -v "$python")" -Dpybind11_DIR="$("$python" -m pybind11 --cmakedir)" "$@" &&
    cmake --build "$folder/build" -j"${JOBS:-2}"; } >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  mkdir -p "$folder/genai_course/kernels"
  cp genai_course/__init__.py "$folder/genai_course/"
  cp genai_course/kernels/*.py "$folder/build"/_core*.so "$folder/genai_course/kernels/"
}

for set in "${@:-sse2 avx2 neon}"; do
  for name in $set; do
    [ "$name" = neon ] || [ -d "$work/native" ] || build native
    case $name in
      sse2 | avx2)
        [ "$name" = sse2 ] && cpu=Nehalem-v1 || cpu=Haswell-v1
        said=$(PYTHONPATH=$work/native qemu-x86_64 -cpu $cpu "$(command -v "$python")" tests/kernels/short_set.py short)
        ;;
      valgrind)
        said=$(PYTHONPATH=$work/native PYTHONMALLOC=malloc valgrind --quiet --error-exitcode=9 --undef-value-errors=yes \
          --suppressions=tests/kernels/valgrind.supp "$python" tests/kernels/short_set.py short)
        name=avx2
        ;;
      neon)
        system=$ARM64_ROOT/usr
        build arm64 -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
          -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DPython_INCLUDE_DIR="$system/include/python3.11" \
          -DCMAKE_CXX_FLAGS="-isystem $system/include -isystem $system/include/aarch64-linux-gnu" \
          -DPYTHON_MODULE_EXTENSION=.cpython-311-aarch64-linux-gnu.so -DPYTHON_MODULE_DEBUG_POSTFIX=
        said=$(PYTHONPATH=$work/arm64:$ARM64_ROOT/numpy qemu-aarch64 -L "$ARM64_ROOT" "$system/bin/python3.11" \
          tests/kernels/short_set.py short)
        ;;
    esac
    echo "$said"
    [ "${said% *}" = "$name" ]
  done
done
