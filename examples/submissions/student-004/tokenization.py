# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Tokenization: byte-pair encoding

# %%
from collections import Counter
from itertools import pairwise

# %% tags=["active-ipynb"]
# import otter
# from genai_course import data, plots
# grader = otter.Notebook(tests_dir="tests/tokenization")

# %% [markdown]
# ## 1. `count_pairs`

# %%
def count_pairs(ids):
    # every token together with its right neighbour
    counts = {}
    for left, right in zip(ids[:-1], ids[1:]):
        if (left, right) not in counts:
            counts[left, right] = 0
        counts[left, right] += 1
    return counts

# %% tags=["active-ipynb"]
# grader.check("count_pairs")

# %% tags=["active-ipynb"]
# with plots.when_done("count_pairs"):
#     sentence = "The cute green dragon trotted into the cave"
#     plots.tokenization.pair_counts(count_pairs(list(sentence.encode())))

# %% [markdown]
# ## 2. `merge_pair`

# %%
def merge_pair(ids, pair, new_id):
    result = []
    rest = iter(list(ids) + [None])
    current = next(rest)
    for following in rest:
        if current is None:
            # its left neighbour took it
            current = following
        elif (current, following) == tuple(pair):
            result.append(new_id)
            current = None
        else:
            result.append(current)
            current = following
    return result

# %% tags=["active-ipynb"]
# grader.check("merge_pair")

# %% tags=["active-ipynb"]
# with plots.when_done("merge_pair"):
#     ids = list(b"trotted")
#     once = merge_pair(ids, (ord("t"), ord("r")), 256)
#     twice = merge_pair(once, (ord("o"), ord("t")), 257)
#     plots.tokenization.id_rows([ids, once, twice], {256: b"tr", 257: b"ot"})

# %% [markdown]
# ## 3. `train_bpe`

# %%
from collections import Counter, defaultdict


def train_bpe(words, num_merges):
    corpus = {word: [bytes([byte]) for byte in word] for word in words}
    counts = defaultdict(int)

    def register(word, sign):
        tokens = corpus[word]
        for i in range(len(tokens) - 1):
            counts[tokens[i], tokens[i + 1]] += sign * words[word]

    for word in corpus:
        register(word, 1)
    merges = []
    while len(merges) < num_merges:
        alive = [(count, pair) for pair, count in counts.items() if count > 0]
        if not alive:
            break
        _, (left, right) = max(alive)
        merges.append((left, right))
        for word, tokens in corpus.items():
            if left in tokens and right in tokens:
                register(word, -1)
                merged = []
                while tokens:
                    if tokens[:2] == [left, right]:
                        merged.append(left + right)
                        tokens = tokens[2:]
                    else:
                        merged.append(tokens[0])
                        tokens = tokens[1:]
                corpus[word] = merged
                register(word, 1)
    return merges

# %% tags=["active-ipynb"]
# grader.check("train_bpe")

# %% tags=["active-ipynb"]
# with plots.when_done("train_bpe"):
#     dragon = {b"the": 9, b"dragon": 6, b"trot": 5, b"trotted": 4, b"trots": 2, b"started": 3, b"green": 2}
#     plots.tokenization.tokens_left(dragon, train_bpe(dragon, 15))

# %% [markdown]
# ## 4. `bpe_encode`

# %%
def bpe_encode(word, merges):
    data = word.encode()
    cuts = list(range(len(data) + 1))
    for left, right in merges:
        i = 0
        while i + 2 < len(cuts):
            start, middle, end = cuts[i : i + 3]
            if data[start:middle] == left and data[middle:end] == right:
                del cuts[i + 1]
            i += 1
    return [data[start:end] for start, end in zip(cuts, cuts[1:], strict=False)]

# %% tags=["active-ipynb"]
# grader.check("bpe_encode")

# %% tags=["active-ipynb"]
# with plots.when_done("bpe_encode"):
#     slide = [(b"t", b"r"), (b"o", b"t"), (b"tr", b"ot"), (b"e", b"d"), (b"t", b"ed")]
#     steps = [bpe_encode("trotted", slide[:n]) for n in range(len(slide) + 1)]
#     plots.tokenization.merge_steps(steps, slide)

# %% tags=["active-ipynb"]
# with plots.when_done("bpe_encode"):
#     gpt2 = data.gpt2_merges()
#     words = ["The", " cute", " green", " dragon", " trotted", " into", " the", " cave"]
#     rows = {n: [bpe_encode(word, gpt2[:n]) for word in words] for n in (0, 100, 1000, 10_000, 50_000)}
#     labels = [f"{n:,} merges" for n in rows]
#     cuts = [sum(cut, []) for cut in rows.values()]
#     plots.tokenization.token_spans(cuts, labels, title="GPT-2's merges at work")

# %% [markdown]
# ## 5. `bpe_decode`

# %%
def bpe_decode(ids, vocab):
    data = b""
    for token in ids:
        data += vocab[token]
    return str(data, encoding="utf-8", errors="replace")

# %% tags=["active-ipynb"]
# grader.check("bpe_decode")

# %% tags=["active-ipynb"]
# with plots.when_done("bpe_decode"):
#     vocab = {0: b"a caf", 1: b"\xc3", 2: b"\xa9 ", 3: b"in K\xc3", 4: b"\xb6ln"}
#     ids = [0, 1, 2, 3, 4]
#     plots.tokenization.decoded(
#         [vocab[i] for i in ids], [bpe_decode([i], vocab) for i in ids], bpe_decode(ids, vocab)
#     )

# %% [markdown]
# ## What comes next
