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
def count_pairs(ids: list[int]) -> dict[tuple[int, int], int]:
    """Count how often each pair of neighbouring tokens occurs.

    Args:
        ids: token ids, any number of them (none and one are fine). Left unchanged.

    Returns:
        The count of each pair (left, right) that occurs; overlapping pairs all count. Pairs that do not occur
        are not in the dict, so a list of fewer than two ids gives an empty one.

    Source: the lecture; Sennrich et al. 2016, algorithm 1 (`get_stats`).

    >>> count_pairs([1, 2, 3, 1, 2])
    {(1, 2): 2, (2, 3): 1, (3, 1): 1}
    """
    counts: dict[tuple[int, int], int] = {}
    for pair in pairwise(ids):
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
    text = " ".join(str(i) for i in ids)
    text = text.replace(f"{pair[0]} {pair[1]}", str(new_id))
    return [int(i) for i in text.split()]

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
from collections import Counter

def train_bpe(words, num_merges):
    split = {word: tuple(bytes([b]) for b in word) for word in words}
    merges = []
    for _ in range(num_merges):
        pairs = Counter()
        for word, tokens in split.items():
            for i in range(len(tokens) - 1):
                pairs[tokens[i], tokens[i + 1]] += words[word]
        if not pairs:
            break
        best, _ = pairs.most_common(1)[0]   # the pair with the highest count
        merges.append(best)
        for word, tokens in split.items():
            new, i = [], 0
            while i < len(tokens):
                if tokens[i:i + 2] == best:
                    new.append(best[0] + best[1])
                    i += 2
                else:
                    new.append(tokens[i])
                    i += 1
            split[word] = tuple(new)
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
    text = " ".join(word)
    for left, right in merges:
        left, right = left.decode(), right.decode()
        text = text.replace(left + " " + right, left + right)
    return [token.encode() for token in text.split()]

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
    words = [vocab[i].decode("utf-8", "replace") for i in ids]
    return "".join(words)

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
