#!/usr/bin/env bash
# Runs once, as root, when Gradescope builds the image: installs the grader and what it needs.
set -euo pipefail

root=${AUTOGRADER_ROOT:-/autograder}
venv=${AUTOGRADER_VENV:-/opt/autograder}
packages=$root/source/packages

usable() { command -v "$1" >/dev/null && "$1" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in python3 python3.13 python3.12 python3.11; do
        if usable "$name"; then echo "$name"; return 0; fi
    done
    return 1
}

if ! find_python >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get install -y python3-venv || true
    find_python >/dev/null || apt-get install -y python3.11 python3.11-venv python3.11-dev
fi
python=$(find_python)
"$python" -m venv --clear "$venv"

# A wheel fits one version of Python. Where none fits, the source archive is built here.
installed=
for wheel in "$packages"/*.whl; do
    [ -e "$wheel" ] || continue
    if "$venv/bin/python" -m pip install --quiet "$wheel[engine]"; then installed=$wheel; break; fi
done
if [ -z "$installed" ]; then
    command -v c++ >/dev/null || { apt-get update && apt-get install -y build-essential; }
    for archive in "$packages"/*.tar.gz; do
        "$venv/bin/python" -m pip install --quiet "$archive[engine]"
        installed=$archive
    done
fi
echo "installed $installed with $("$python" --version)"

# Topics in C++ are compiled where they are graded.
if [ -d "$root/source/course/solutions/native" ] && ! command -v c++ >/dev/null; then
    apt-get update && apt-get install -y build-essential
fi

# Tests and references are nobody's but root's; submissions run as another user.
chmod -R go-rwx "$root/source"
# What the image has now; the container may allow more or less, and says so at each grading.
"$venv/bin/autograder" doctor || true
