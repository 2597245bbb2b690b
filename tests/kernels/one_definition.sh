#!/usr/bin/env bash
# Looks for functions that the linker could take from the wrong instruction set:
#   tests/kernels/one_definition.sh BUILD_FOLDER
# A weak symbol is kept once for the whole module, from whichever object comes first. So what an object exports
# weakly must be in the namespace of its own instruction set. (DW.ref... is data: where exceptions find their handler.)
set -euo pipefail
found=0
for object in "$1"/CMakeFiles/kernels_*.dir/csrc/*.o; do
  isa=${object#*kernels_}
  isa=${isa%%.dir*}
  shared=$(nm -C --defined-only "$object" | awk '$2 ~ /^[WVu]$/ { $1 = $2 = ""; print }' | grep -vE "genai::$isa::|DW\.ref\." || true)
  [ -z "$shared" ] || { echo "$object: $shared"; found=1; }
done
[ "$found" = 0 ] && echo "no weak symbol outside the namespace of its instruction set"
exit "$found"
