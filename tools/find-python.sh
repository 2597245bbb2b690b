#!/bin/sh
# Prints the Python to build with, or one line that says what to install. Used by the Makefile.
# PYTHON, if set, is the only one looked at.

fail() {
    echo "make: $1" >&2
    exit 1
}

suits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    suits "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11 or newer; name one that is"
    found=$PYTHON
else
    found=
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if suits "$candidate"; then
            found=$candidate
            break
        fi
    done
    [ -n "$found" ] || fail "Python 3.11 or newer is missing; install it (Debian, Ubuntu: apt install python3 python3-venv python3-dev), or name it: make PYTHON=/path/to/python3"
fi

"$found" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
    fail "the venv module of $found is missing; install it (Debian, Ubuntu: apt install python3-venv)"
"$found" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' ||
    fail "the headers of $found (Python.h) are missing; install them (Debian, Ubuntu: apt install python3-dev)"
for compiler in "${CXX:-}" c++ g++ clang++; do
    if [ -n "$compiler" ] && command -v "$compiler" >/dev/null 2>&1; then
        echo "$found"
        exit 0
    fi
done
fail "a C++ compiler is missing; install one (Debian, Ubuntu: apt install g++), or name it: make CXX=/path/to/c++"
