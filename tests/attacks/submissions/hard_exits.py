# rows: 47
# what: ends its own process for good, in a cell and in functions
# variants: 4
# expect: crashed 8
# honest: normalise, tally, root
# error: ended its own process|closed its connection|crashed with
import ctypes
import os
import socket

libc = ctypes.CDLL(None)
ENDS = [
    lambda: os._exit(0),
    lambda: libc.exit(0),
    lambda: os.close(3),
    lambda: socket.socket(fileno=os.dup(3)).shutdown(socket.SHUT_RDWR),
]
end = ENDS[int("@variant@")]


def pick(options, score):
    end()


# %%
end()
