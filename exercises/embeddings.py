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
# # Embeddings: vectors that carry meaning
#
# To a computer a token is a number, and the number says nothing: token 4012 is no more like token 4013 than
# like any other. So the first thing that a language model does is to replace each token by a vector, its
# **embedding**. All of them are rows of one matrix $E$, and training moves them about until words that are
# used alike lie close to each other.
#
# How close two vectors are is measured by the angle between them, or rather by its cosine:
#
# $$
# \cos(a, b) = \frac{a \cdot b}{\lVert a \rVert \, \lVert b \rVert}
# = \frac{\sum_i a_i b_i}{\sqrt{\sum_i a_i^2} \, \sqrt{\sum_i b_i^2}}
# $$
#
# It is 1 for vectors of the same direction, 0 for vectors at a right angle, and -1 for opposite ones, however
# long they are. And not only places have meaning, but also *directions*: the step from "german" to "germany"
# is nearly the same as the step from "austrian" to "austria". The lecture computes with that:
#
# $$
# \text{germany} - \text{german} + \text{austrian} \approx \text{austria}
# $$
#
# **To be read with care on the slides.**
#
# - The slide draws each word's vector as a *column*. In programs it is nearly always a *row* of $E$, and it
#   is here.
# - The variable on the slide is called `w2v`, but what it holds are GloVe vectors (Pennington, Socher and
#   Manning 2014), not word2vec ones (Mikolov et al. 2013). Both have such directions. This course comes with
#   the 4500 most frequent words of GloVe, 50 numbers each.
# - gensim's `most_similar` leaves out the words of the question only if it is asked with words. Asked with a
#   *vector*, as on the slide, it may answer with one of them. Exercise 3 has a switch for this.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `embed` | from token ids to vectors | easy | 5 |
# | 2. `cosine_similarity` | from one vector to its similarity with many | medium | 20 |
# | 3. `analogy` | german is to germany as austrian is to ...? | medium | 25 |

# %%
import numpy as np


# %% tags=["active-ipynb"]
# import otter
# from genai_course import data, plots
# grader = otter.Notebook(tests_dir="tests/embeddings")
# words, E = data.glove()
# row = {word: i for i, word in enumerate(words)}
# print(f"{len(words)} words, E has the shape {E.shape}")

# %% [markdown]
# ## 1. `embed`
#
# Look up the vector of each token: token $i$ has row $i$ of $E$.
#
# **A small example.** With three tokens and vectors of two numbers,
#
# $$
# E = \begin{pmatrix} 10 & 11 \\ 20 & 21 \\ 30 & 31 \end{pmatrix}
# \quad\text{and the ids } (2, 0, 2) \text{ give} \quad
# \begin{pmatrix} 30 & 31 \\ 10 & 11 \\ 30 & 31 \end{pmatrix}
# $$
#
# In books this is often written as a product with one-hot vectors: a row of zeros with a single 1 at place
# $i$, times $E$, gives row $i$. It is the same, but looking it up is much faster.
#
# A batch of texts has ids of the shape `(batch, n)`. Then each id becomes a vector where it stands, and the
# result has the shape `(batch, n, d)`: whatever the shape of the ids is, one axis of length $d$ comes behind
# it.
#
# <details><summary>Hint</summary>
#
# A NumPy array can be indexed with an array of integers, of any shape. Try `E[2]`, then `E[np.array([2, 0,
# 2])]`.
#
# </details>

# %%
def embed(ids: np.ndarray, E: np.ndarray) -> np.ndarray:
    """Look up the vector of each token.

    Args:
        ids: integers from 0 to V - 1, of any shape: (k,) for one text, (batch, k) for several; k may be 0.
            Left unchanged.
        E: (V, d) float64, row i is the vector of token i. Left unchanged.

    Returns:
        float64 of the shape of ids with one more axis of length d at the end: (k, d) for one text.

    Source: the lecture, which draws the rows of E as columns; Bengio et al. 2003, section 2, matrix C.

    >>> embed(np.array([2, 0, 2]), np.array([[10.0, 11.0], [20.0, 21.0], [30.0, 31.0]]))
    array([[30., 31.],
           [10., 11.],
           [30., 31.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("embed")

# %% [markdown]
# **Look at it.** The slide's picture: each word is a column, each of its 50 numbers a colour. No single row
# has a meaning that one could name, but words that are used alike look alike.

# %% tags=["active-ipynb"]
# some = ["german", "austrian", "germany", "austria", "king", "queen", "green", "blue", "river", "sea"]
# with plots.when_done("embed"):
#     plots.embeddings.heatmap(some, embed(np.array([row[word] for word in some]), E))

# %% [markdown]
# ## 2. `cosine_similarity`
#
# Compare one vector `a` with every row of `B` at once.
#
# **A small example.** Let $a = (3, 4)$, which has the length $\sqrt{9 + 16} = 5$.
#
# | row of B | $a \cdot b$ | length of b | cosine |
# |---|---|---|---|
# | (6, 8) | 50 | 10 | 50 / 50 = 1: same direction, twice as long |
# | (4, -3) | 0 | 5 | 0: a right angle |
# | (-3, -4) | -25 | 5 | -25 / 25 = -1: the opposite |
# | (1, 0) | 3 | 1 | 3 / 5 = 0.6 |
#
# A vector of zeros has no direction. By convention its similarity to everything is 0.
#
# <details><summary>Hint: all rows at once</summary>
#
# The product of a matrix and a vector, `B @ a`, is the dot product of every row with `a`. For the lengths,
# see `np.linalg.norm` and its argument `axis`. Which axis of `B` counts the numbers of one vector?
#
# </details>
#
# <details><summary>Hint: no length</summary>
#
# Where a length is 0, so is the dot product. Divide by something else there, or only where there is something
# to divide by. (To add a small number to every length is no good: it changes the similarity of short
# vectors.)
#
# </details>

# %%
def cosine_similarity(a: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Cosine of the angle between one vector and each row of a matrix.

    Args:
        a: (d,) float64. Left unchanged.
        B: (V, d) float64. Left unchanged.

    Returns:
        (V,) float64 from -1 to 1 (up to rounding), whatever the lengths of the vectors; 0 where a vector is
        all zeros. None is NaN.

    Source: the lecture; Salton and McGill 1983, *Introduction to Modern Information Retrieval*.

    >>> cosine_similarity(np.array([3.0, 4.0]), np.array([[6.0, 8.0], [4.0, -3.0], [0.0, 0.0]]))
    array([1., 0., 0.])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("cosine_similarity")

# %% [markdown]
# **Look at it.** The same words, each compared with each. Which groups can you see? And is "king" really more
# like "queen" than like "germany"?

# %% tags=["active-ipynb"]
# with plots.when_done("cosine_similarity"):
#     vectors = np.array([E[row[word]] for word in some])
#     plots.embeddings.similarity_matrix(some, np.array([cosine_similarity(v, vectors) for v in vectors]))

# %% [markdown]
# ## 3. `analogy`
#
# *a is to b as c is to ...?* Take the step from $a$ to $b$, go the same step from $c$, and name the word
# nearest to where you are:
#
# $$
# q = E_b - E_a + E_c, \qquad \text{answer} = \underset{w}{\arg\max} \ \cos(q, E_w)
# $$
#
# The vectors are taken as they are, as on the slide. (Others give all of them the length 1 first; this moves
# $q$ a little.)
#
# **A small example.** In a plane let *german* = (1, 0), *germany* = (1, 2), *austrian* = (3, 0), *austria* =
# (3.5, 2) and *river* = (0, 3). Then $q = (1, 2) - (1, 0) + (3, 0) = (3, 2)$. Its cosine is 0.998 with
# *austria*, 0.868 with *germany*, 0.832 with *german* and *austrian*, and 0.555 with *river*. So the answer
# is *austria*.
#
# **May the answer be one of a, b, c?** The step is often short compared with the vectors, so that $q$ is
# still nearest to $c$, or to $b$. Nobody wants to hear that man is to king as woman is to *king*. So these
# three words are left out, unless `exclude` is False.
#
# <details><summary>Hint: from word to row</summary>
#
# `words.index("german")` finds the place of a word. For many look-ups make a dictionary from word to row.
#
# </details>
#
# <details><summary>Hint: leaving words out</summary>
#
# Do not take them out of the list: all words behind them would move up, and no longer belong to their rows.
# Rather make sure that they cannot win. A similarity of 0 is not low enough for that: all others may be
# negative.
#
# </details>
#
# <details><summary>Hint: my E has changed</summary>
#
# `q = E[i]` is no copy but a view of that row, and `q -= ...` writes into E. `E[i] - ...` makes a new array.
#
# </details>

# %%
def analogy(
    a: str, b: str, c: str, words: list[str], E: np.ndarray, exclude: bool = True
) -> tuple[str, float]:
    """Answer "a is to b as c is to ...?" with vectors.

    Args:
        a, b, c: three of the words.
        words: V different words; words[i] has the vector E[i]. Left unchanged.
        E: (V, d) float64; the vectors may have any length, and some may be all zeros. Left unchanged.
        exclude: whether a, b and c are left out of the search.

    Returns:
        The word whose vector has the largest cosine similarity to E[b] - E[a] + E[c], and this similarity. A
        vector of zeros has the similarity 0.

    Source: the lecture; Mikolov, Yih and Zweig 2013, *Linguistic Regularities in Continuous Space Word
    Representations*, section 4 (with vectors of length 1).

    >>> E = np.array([[1.0, 0.0], [1.0, 2.0], [3.0, 0.0], [3.5, 2.0], [0.0, 3.0]])
    >>> word, similarity = analogy(
    ...     "german", "germany", "austrian", ["german", "germany", "austrian", "austria", "river"], E
    ... )
    >>> word, round(similarity, 4)
    ('austria', 0.9976)
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("analogy")

# %% [markdown]
# **The lecture's example, with all 4500 words**, and some more. Watch what the switch `exclude` is for. And
# the last line shows that not everything is an analogy.

# %% tags=["active-ipynb"]
# with plots.when_done("analogy"):
#     for a, b, c, exclude in [
#         ("german", "germany", "austrian", True),
#         ("german", "germany", "french", True),
#         ("france", "paris", "italy", True),
#         ("man", "king", "woman", True),
#         ("man", "king", "woman", False),
#         ("good", "better", "bad", True),
#         ("france", "wine", "germany", True),
#     ]:
#         word, similarity = analogy(a, b, c, words, E, exclude)
#         print(f"{a} : {b} :: {c} : {word}   (cosine {similarity:.3f}, exclude={exclude})")

# %% [markdown]
# **Look at it.** 50 dimensions cannot be drawn, so these pairs are projected on the three directions in which
# they differ most (their principal components). Green arrows: your `analogy` found the country from "german",
# "germany" and the adjective. The arrows are nearly parallel, and this is what makes the arithmetic work.
# (Three dimensions flatter them: with all 50, the cosine of two such steps is around 0.85.)

# %% tags=["active-ipynb"]
# with plots.when_done("embed", "analogy"):
#     pairs = [
#         ("german", "germany"),
#         ("austrian", "austria"),
#         ("italian", "italy"),
#         ("swedish", "sweden"),
#         ("irish", "ireland"),
#         ("turkish", "turkey"),
#         ("egyptian", "egypt"),
#     ]
#     found = [analogy("german", "germany", a, words, E, exclude=a != "german")[0] == b for a, b in pairs]
#     vectors = embed(np.array([[row[a], row[b]] for a, b in pairs]), E)
#     plots.embeddings.parallel_arrows(pairs, vectors, found)

# %% [markdown]
# ## What comes next
#
# Words are not the only things that can become vectors. In the next topic, `image_patches`, a photo is cut
# into small squares, and each of them gets an embedding just as a token does.
