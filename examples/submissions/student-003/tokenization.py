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
from collections import Counter, defaultdict


def count_pairs(ids):
    return Counter(zip(ids, ids[1:], strict=False))

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
    merged = []
    for token in ids:
        if merged and merged[-1] == pair[0] and token == pair[1]:
            merged[-1] = new_id
        else:
            merged.append(token)
    return merged

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
    vocab = {byte: bytes([byte]) for byte in range(256)}
    corpus = [(list(word), count) for word, count in words.items()]
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for ids, count in corpus:
            for pair in zip(ids[:-1], ids[1:], strict=True):
                counts[pair] += count
        if not counts:
            return merges
        ranked = sorted(counts.items(), key=lambda item: (item[1], vocab[item[0][0]], vocab[item[0][1]]))
        left, right = ranked[-1][0]
        new_id = len(vocab)
        vocab[new_id] = vocab[left] + vocab[right]
        merges.append((vocab[left], vocab[right]))
        for ids, _ in corpus:
            i = 0
            while i < len(ids) - 1:
                if ids[i] == left and ids[i + 1] == right:
                    ids[i : i + 2] = [new_id]
                i += 1
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
    rank = {pair: i for i, pair in reversed(list(enumerate(merges)))}
    tokens = [bytes([byte]) for byte in word.encode("utf-8")]
    while len(tokens) > 1:
        pairs = list(zip(tokens, tokens[1:], strict=False))
        i = min(range(len(pairs)), key=lambda place: rank.get(pairs[place], len(merges)))
        if pairs[i] not in rank:
            break
        tokens[i : i + 2] = [tokens[i] + tokens[i + 1]]
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
    data = bytearray()
    for i in ids:
        data.extend(vocab[i])
    return str(data, "utf-8", "replace")

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
