# rows: 57
# what: waits at the top level, as notebooks may
# expect: graded 10
# honest: normalise, tally, pick, root
import asyncio

await asyncio.sleep(0.001)
values = [await asyncio.sleep(0, number) for number in range(3)]
