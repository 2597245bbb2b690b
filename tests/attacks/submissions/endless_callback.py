# rows: 44
# what: asks the grader's function again and again
# seconds: 0.5
# forms: py
# expect: timeout 8
# honest: normalise, tally, root
def pick(options, score):
    while True:
        score(options[0])
