# rows: 44
# what: a cell that never ends; the other cells count
# seconds: 0.5
# expect: timeout 10
# honest: normalise, tally, pick, root
# error: took longer than 0.5 s
while True:
    pass

# %%
normalise = normalise
