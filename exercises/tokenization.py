# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Tokenization: byte-pair encoding
#
# A language model reads numbers, not letters. Whole words would need an endless vocabulary, single letters
# make endless sequences. Byte-pair encoding (BPE) sits in between, and it is learned from text: start from
# single bytes, look for the pair of neighbours that occurs most often, make it one new token, and repeat.
# Common words end up as one token, rare ones as a few pieces. The lecture's sentence:
#
# > The cute green dragon trotted into the cave → The cute green dragon **trot ted** into the cave
#
# Training picks, again and again, the pair of neighbouring tokens with the highest count over all words $w$,
# each counted as often as it occurs, and replaces it everywhere:
#
# $$
# (l, r)^{*} = \arg\max_{(l,\, r)} \sum_{w} \text{count}(w) \cdot \#\{\, i : w_i = l,\ w_{i+1} = r \,\},
# \qquad l, r \;\to\; lr
# $$
#
# The learned **merges**, in their order, *are* the tokenizer. Which ones are learned depends on the text: the
# slide's split trot + ted is one that some tokenizers give, while GPT-2's own merges cut " trotted" into
# " tro" + "tted". You will see both.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `count_pairs` | how often each pair of neighbours occurs | easy | 10 |
# | 2. `merge_pair` | two tokens become one, from left to right | medium | 15 |
# | 3. `train_bpe` | learn the merges from words and their counts | hard | 40 |
# | 4. `bpe_encode` | cut a new word with the learned merges | medium | 25 |
# | 5. `bpe_decode` | from ids back to text | easy | 10 |
#
# Sources: the lecture; Gage 1994, *A New Algorithm for Data Compression*; Sennrich, Haddow and Birch 2016,
# *Neural Machine Translation of Rare Words with Subword Units*, algorithm 1; Radford et al. 2019 (GPT-2) for
# bytes as the alphabet.

# %%
from collections import Counter
from itertools import pairwise


# %% tags=["active-ipynb"]
# import otter
# from genai_course import data, plots
# grader = otter.Notebook(tests_dir="tests/tokenization")

# %% [markdown]
# ## 1. `count_pairs`
#
# A text of n tokens has n - 1 pairs of neighbours: (first, second), (second, third), and so on. Each one
# counts, also when it shares a token with the one before: `[7, 7, 7]` holds the pair `(7, 7)` twice.
# The order inside a pair matters: `(1, 2)` and `(2, 1)` are different pairs.
#
# **A small example.** `[1, 2, 3, 1, 2]` holds (1, 2), (2, 3), (3, 1) and (1, 2) again:
# `{(1, 2): 2, (2, 3): 1, (3, 1): 1}`.
#
# <details><summary>Hint</summary>
#
# Write the list down twice, the second time shifted by one place: each column is a pair. `zip` can do this,
# and so can `itertools.pairwise`.
#
# </details>

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
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("count_pairs")

# %% [markdown]
# **Look at it.** Your counts for the slide's sentence, the most frequent pair on top: "e" before a space, three
# times. Merging would start there.

# %% tags=["active-ipynb"]
# with plots.when_done("count_pairs"):
#     sentence = "The cute green dragon trotted into the cave"
#     plots.tokenization.pair_counts(count_pairs(list(sentence.encode())))

# %% [markdown]
# ## 2. `merge_pair`
#
# Once the best pair is known, each place where it occurs becomes one new token. Walk from left to right; a
# token that has just been used up in a merge cannot take part in the next one.
#
# **A small example.** With the pair (1, 1) and the new id 9, `[1, 1, 1]` becomes `[9, 1]`: the first two
# ones are merged, the third one is left alone. `[1, 1, 1, 1]` becomes `[9, 9]`.
#
# <details><summary>Hint: which loop?</summary>
#
# The step is sometimes one token and sometimes two, so a `while` loop with your own index is easier than
# `for`. Take care at the end of the list: the last token has no right neighbour, but it must not get lost.
#
# </details>

# %%
def merge_pair(ids: list[int], pair: tuple[int, int], new_id: int) -> list[int]:
    """Replace each occurrence of `pair` by `new_id`, from left to right and without overlap.

    Args:
        ids: token ids, any number of them. Left unchanged.
        pair: the (left, right) neighbours to replace, in this order.
        new_id: the id of the new token; it occurs neither in `ids` nor in `pair`.

    Returns:
        A new list of ids.

    Source: the lecture; Sennrich et al. 2016, algorithm 1 (`merge_vocab`).

    >>> merge_pair([5, 6, 7, 5, 6], (5, 6), 9)
    [9, 7, 9]
    >>> merge_pair([1, 1, 1], (1, 1), 9)
    [9, 1]
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("merge_pair")

# %% [markdown]
# **Look at it.** The word "trotted" as single bytes, after t + r has become one token, and after o + t has.
# Each coloured span is one token: the row gets shorter.

# %% tags=["active-ipynb"]
# with plots.when_done("merge_pair"):
#     ids = list(b"trotted")
#     once = merge_pair(ids, (ord("t"), ord("r")), 256)
#     twice = merge_pair(once, (ord("o"), ord("t")), 257)
#     plots.tokenization.id_rows([ids, once, twice], {256: b"tr", 257: b"ot"})

# %% [markdown]
# ## 3. `train_bpe`
#
# Now the two steps in a loop: count, merge the best pair, and count anew. The text comes as *words with
# their counts* (cutting a text into words is called pre-tokenisation), so a pair in a word that occurs 5
# times counts 5, and no pair reaches from one word into the next.
#
# Two pairs are often equally frequent, and then a rule must decide, or two people train two tokenizers from
# one text. Ours: the **lexicographically greatest** pair of byte strings wins, so `(b"b", b"a")` beats
# `(b"a", b"z")`. Python compares tuples of `bytes` in just this way.
#
# **A small example** (from Sennrich et al. 2016, without their mark for the end of a word): low 5 times,
# lower 2, newest 6, widest 3. The pairs (e, s) and (s, t) both occur 6 + 3 = 9 times; (s, t) is greater, so
# it is merged first. Now (e, st) leads with 9, then (l, o) and (o, w) tie at 5 + 2 = 7, and (o, w) is
# greater.
#
# <details><summary>Hint: what to keep</summary>
#
# Keep each word as a list of `bytes`, single bytes at first, next to its count. Beware: going through a
# `bytes` object gives numbers. `bytes([116])` is `b"t"`.
#
# </details>
#
# <details><summary>Hint: the highest count, then the greatest pair</summary>
#
# `max` takes a `key`. If the key is a tuple, its first entry decides, and its second one breaks ties.
#
# </details>
#
# <details><summary>Hint: when to stop</summary>
#
# After some merges each word may be a single token. Then there is nothing left to count, and `max` has
# nothing to choose from.
#
# </details>

# %%
def train_bpe(words: dict[bytes, int], num_merges: int) -> list[tuple[bytes, bytes]]:
    """Learn byte-pair merges from words and their counts.

    Args:
        words: each word (UTF-8 bytes) with how often it occurs, at least once. Left unchanged.
        num_merges: how many merges to learn at most.

    Returns:
        The merges (left, right) in the order they were learned, each one of the byte strings of two
        neighbouring tokens. Each step takes the pair with the highest count, where overlapping pairs all
        count and pairs do not cross words; ties go to the lexicographically greatest pair. Every occurrence
        of it is merged, from left to right and without overlap. Fewer than `num_merges` are returned when
        no pair is left.

    Source: the lecture; Sennrich et al. 2016, algorithm 1; bytes as the alphabet from Radford et al. 2019.

    >>> train_bpe({b"low": 5, b"lower": 2, b"newest": 6, b"widest": 3}, 3)
    [(b's', b't'), (b'e', b'st'), (b'o', b'w')]
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("train_bpe")

# %% [markdown]
# **Look at it.** Your merges, learned from a few words about a dragon. Each step down is one merge, with the
# token that it made: the first ones save most.

# %% tags=["active-ipynb"]
# with plots.when_done("train_bpe"):
#     dragon = {b"the": 9, b"dragon": 6, b"trot": 5, b"trotted": 4, b"trots": 2, b"started": 3, b"green": 2}
#     plots.tokenization.tokens_left(dragon, train_bpe(dragon, 15))

# %% [markdown]
# ## 4. `bpe_encode`
#
# A new word is cut by replaying the merges: start from its single bytes, and apply the merges one after the
# other in the order they were learned, each one wherever it fits. The *order* decides, neither the length of
# the tokens nor which pair comes first in the word.
#
# **A small example.** The merges t + r, o + t, tr + ot, e + d, t + ed cut "trotted" like this:
#
# | after | tokens |
# |---|---|
# | the start | t r o t t e d |
# | t + r | tr o t t e d |
# | o + t | tr ot t e d |
# | tr + ot | trot t e d |
# | e + d | trot t ed |
# | t + ed | trot ted |
#
# <details><summary>Hint: letters or bytes?</summary>
#
# A letter such as "é" is two bytes in UTF-8, and an emoji is four. Encode the word first, then cut.
#
# </details>
#
# <details><summary>Hint: the shape of the loop</summary>
#
# An outer loop over the merges, an inner walk over the tokens like the one in `merge_pair`. You may also look
# again and again for the pair with the lowest rank: both give the same tokens. (With the second way, think of
# a word that has become a single token.)
#
# </details>

# %%
def bpe_encode(word: str, merges: list[tuple[bytes, bytes]]) -> list[bytes]:
    """Cut a word into tokens with learned merges.

    Args:
        word: any text; it is encoded as UTF-8 first.
        merges: pairs of byte strings in the order they were learned. Left unchanged.

    Returns:
        The tokens as byte strings; joined, they are the word's bytes. The empty word has none.

    Source: the lecture; Sennrich et al. 2016, section 3.2.

    >>> bpe_encode("trot", [(b"t", b"r"), (b"o", b"t")])
    [b'tr', b'ot']
    >>> bpe_encode("é", [])
    [b'\\xc3', b'\\xa9']
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("bpe_encode")

# %% [markdown]
# **Look at it.** "trotted" from its single bytes to the slide's two tokens, one row after each merge. A merge
# that finds nothing to do leaves the row as it is.

# %% tags=["active-ipynb"]
# with plots.when_done("bpe_encode"):
#     slide = [(b"t", b"r"), (b"o", b"t"), (b"tr", b"ot"), (b"e", b"d"), (b"t", b"ed")]
#     steps = [bpe_encode("trotted", slide[:n]) for n in range(len(slide) + 1)]
#     plots.tokenization.merge_steps(steps, slide)

# %% [markdown]
# The next picture shows the whole sentence, cut with the first 0, 100, 1000, … of GPT-2's 50,000 merges. In
# GPT-2 a word carries the space before it, shown as "␣".

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
#
# The way back is short: look each id up, join the bytes, decode them as UTF-8. The order of these steps
# matters, for a token may end in the middle of a letter. And a model may well produce bytes that are no valid
# UTF-8: `errors="replace"` then puts the mark "�" where they do not fit, rather than stopping with an error.
#
# **A small example.** With the vocabulary `{0: b"caf", 1: b"\xc3", 2: b"\xa9"}` the ids `[0, 1, 2]` are
# "café". Neither `b"\xc3"` nor `b"\xa9"` is a letter; only together they are "é".
#
# <details><summary>Hint</summary>
#
# `b"".join(...)` makes one byte string of many. How often should `decode` run for the whole list?
#
# </details>

# %%
def bpe_decode(ids: list[int], vocab: dict[int, bytes]) -> str:
    """Turn token ids back into text: join their bytes, then decode once.

    Args:
        ids: token ids, any number of them. Left unchanged.
        vocab: the bytes of each token id; the ids need not be consecutive. An id that it does not hold
            raises the KeyError of looking it up.

    Returns:
        The text; bytes that are no valid UTF-8 become the replacement character U+FFFD, as
        `bytes.decode(..., errors="replace")` does it.

    Source: the lecture; Radford et al. 2019 for tokens made of bytes.

    >>> bpe_decode([0, 1, 2], {0: b"caf", 1: b"\\xc3", 2: b"\\xa9"})
    'café'
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("bpe_decode")

# %% [markdown]
# **Look at it.** Five tokens, two of which end in the middle of a letter. Decoded one by one they show the
# replacement character "�"; put together first, they are a text.

# %% tags=["active-ipynb"]
# with plots.when_done("bpe_decode"):
#     vocab = {0: b"a caf", 1: b"\xc3", 2: b"\xa9 ", 3: b"in K\xc3", 4: b"\xb6ln"}
#     ids = [0, 1, 2, 3, 4]
#     plots.tokenization.decoded(
#         [vocab[i] for i in ids], [bpe_decode([i], vocab) for i in ids], bpe_decode(ids, vocab)
#     )

# %% [markdown]
# ## What comes next
#
# A text is now a sequence of token ids, s₁, s₂, …, each from a vocabulary V. The next topic,
# `sequence_probability`, asks how many such sequences there are and how a model gives each of them a
# probability. The last topic, `capstone`, comes back to your tokens and puts the whole chain together.
