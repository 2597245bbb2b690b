# rows: 16, 45
# what: nests an argument so deep that it can be copied but not put back; a test's own list must not keep it
# variants: 3
# expect: graded 8
# honest: normalise, pick, root
depth = [330, 380, 420][int("@variant@")]
calls = 0


def tally(words):
    global calls
    calls += 1
    nest = [str(calls)]
    for _ in range(depth):
        nest = [nest]
    words[0] = nest
    words[1:] = [{"deep": nest}, (nest, [nest])][: len(words) - 1]
    return {}
