# rows: 57
# what: waits for a user who is not there, and draws for nobody
# expect: graded 10
# honest: normalise, tally, pick, root
# error: EOFError
import sys

answer = input("your points? ")

# %%
import matplotlib.pyplot as plt

plt.plot([1, 2, 3])
plt.show()
plt.savefig("picture.png")
print(sys.stdin.read() == "")

# %%
import matplotlib

matplotlib.use("TkAgg")

# %%
breakpoint()

# %%
help()

# %%
import getpass

getpass.getpass()
