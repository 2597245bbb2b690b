# rows: 21
# what: messages that act on a terminal, a page or a spreadsheet
# expect: graded 0
# error: script
# never: [\x00-\x08\x0b-\x1f\x7f]|[\u202a-\u202e]
# message: <script>
TEXT = "=cmd|' /C calc'!A0 <script>alert(1)</script> \x1b[2J\x1b]8;;http://x\x07 \u202eevil\u2066 \r\n\t+1 @SUM(1) {{7*7}} ${x} \x00"


def normalise(x):
    raise ValueError(TEXT)


def tally(words):
    return TEXT


def pick(options, score):
    return TEXT


def root(x):
    raise type(TEXT, (Exception,), {})(TEXT)


# %%
raise ValueError(TEXT)
