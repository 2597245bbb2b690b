# rows: 23
# what: asks for the names and sizes of files: hidden on tier A, seen on tier B, where only their content is safe
# expect: graded 0
# output on A: ^nothing seen$
# output on B: ^seen .*secret
import os

try:
    print("seen", "@folder@/secret", os.stat("@folder@/secret").st_size)
except OSError:
    print("nothing seen")


# %%
def normalise(x):
    return os.stat("@folder@/secret").st_size
