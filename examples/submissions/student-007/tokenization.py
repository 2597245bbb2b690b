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
    counts = {}
    for i in range(len(ids) - 2):
        pair = (ids[i], ids[i + 1])
        counts[pair] = counts.get(pair, 0) + 1
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
    i = 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == tuple(pair):
            ids[i : i + 2] = [new_id]
        i += 1
    return ids

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
def _single_bytes(word):
    return [word[i : i + 1] for i in range(len(word))]


def _merge_all(tokens, pair):
    merged = []
    for token in tokens:
        if merged and (merged[-1], token) == pair:
            merged[-1] += token
        else:
            merged.append(token)
    return merged


def _pair_counts(tokenized):
    counts = {}
    for tokens, count in tokenized:
        for pair in zip(tokens, tokens[1:], strict=False):
            counts[pair] = counts.get(pair, 0) + count
    return counts


def _train(words, num_merges, choose, count=_pair_counts, merge=_merge_all):
    tokenized = [(_single_bytes(word), number) for word, number in words.items()]
    merges = []
    for _ in range(num_merges):
        counts = count(tokenized)
        if not counts:
            break
        best = choose(counts)
        merges.append(best)
        tokenized = [(merge(tokens, best), number) for tokens, number in tokenized]
    return merges


def train_bpe(words, num_merges):
    return _train(
        words,
        num_merges,
        lambda counts: max(counts, key=lambda pair: (counts[pair], pair[0] + pair[1], pair)),
    )

# %% tags=["active-ipynb"]
# grader.check("train_bpe")

# %% tags=["active-ipynb"]
# with plots.when_done("train_bpe"):
#     dragon = {b"the": 9, b"dragon": 6, b"trot": 5, b"trotted": 4, b"trots": 2, b"started": 3, b"green": 2}
#     plots.tokenization.tokens_left(dragon, train_bpe(dragon, 15))

# %% [markdown]
# ## 4. `bpe_encode`

# %%
def _single_bytes(word):
    return [word[i : i + 1] for i in range(len(word))]


def bpe_encode(word, merges):
    tokens = _single_bytes(word.encode())
    for left, right in merges:
        for i in range(len(tokens) - 1):
            if tokens[i : i + 2] == [left, right]:
                tokens[i : i + 2] = [left + right]
                break
    return tokens

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
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace").strip()

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
