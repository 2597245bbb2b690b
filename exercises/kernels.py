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
# # Kernels: what the C++ core does, written by hand once
#
# Nearly all the work of a transformer is matrix products, and most of the rest is softmax. A *kernel* is the
# small program that does such a thing fast. You have used this course's kernels (`genai_course.kernels`, in
# C++) all along. Now write two of them yourself, look at them closely, and measure what you have got:
#
# $$
# C_{ij} = \sum_{p=0}^{k-1} A_{ip}\, B_{pj},
# \qquad
# \mathrm{softmax}(x)_j = \frac{e^{x_j - m}}{s}, \quad m = \max_j x_j, \quad s = \sum_j e^{x_j - m}
# $$
#
# Both formulas say *what* to compute and leave open in which order. The order is what a kernel is about:
#
# - A matrix product of two $n \times n$ matrices needs $2n^3$ additions and multiplications, but only
#   $3n^2$ numbers go in or out. Each number is used $n$ times, so a good kernel keeps it close by while it
#   is in use.
# - The textbook softmax reads each row once for the maximum, once more for the sum, and once more for the
#   division. For long rows, reading takes the time. The *online* softmax finds maximum and sum together, in a
#   single pass.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `matmul` | the matrix product, without NumPy's products | medium | 30 |
# | 2. `softmax_rows` | online softmax: maximum and sum in one pass | hard | 40 |
#
# Sources: Golub and Van Loan 2013, *Matrix Computations*, section 1.1, for the orders of the loops; Milakov
# and Gimelshein 2018, *Online Normalizer Calculation for Softmax*, algorithm 3; Dao et al. 2022,
# *FlashAttention*, which builds attention on the second.

# %%
import numpy as np


# %% tags=["active-ipynb"]
# import time
# import otter
# from genai_course import kernels, plots
# grader = otter.Notebook(tests_dir="tests/kernels")

# %% [markdown]
# ## 1. `matmul`
#
# **The rule of the game:** do it without NumPy's `@`, `dot`, `matmul`, `einsum`, `inner` and `tensordot`, and
# without the course's kernels. (Only your results are graded, so nobody will know. But you would.) Sums,
# elementwise products and loops are fine.
#
# **A small example.** Row $i$ of $A$ meets column $j$ of $B$:
#
# $$
# \begin{pmatrix} 1 & 2 & 3 \\ 0 & -1 & 4 \end{pmatrix}
# \begin{pmatrix} 2 & 1 \\ 0 & 5 \\ -1 & 3 \end{pmatrix}
# = \begin{pmatrix} 2 + 0 - 3 & 1 + 10 + 9 \\ 0 + 0 - 4 & 0 - 5 + 12 \end{pmatrix}
# = \begin{pmatrix} -1 & 20 \\ -4 & 7 \end{pmatrix}
# $$
#
# There are three indices and so three nested loops, in any order you like: each entry of $C$ a sum over
# $p$; or each row of $C$ a mixture of rows of $B$; or the whole of $C$ a sum of $k$ outer products. The
# numbers are the same. With NumPy, the inner loops can be operations on whole rows or matrices, and that
# makes a difference of a factor of 100 or so: try both.
#
# **What else a product must get right.**
#
# - Shapes that do not fit are an error, and the caller should hear of it: `ValueError`. Check for yourself
#   rather than trust that something will fail: NumPy stretches axes of length 1 without asking.
# - A sum of no terms is 0, so the product of a $(2, 0)$ and a $(0, 3)$ matrix is a $(2, 3)$ matrix of zeros.
# - Arithmetic in small integers wraps around: as `uint8`, 200 + 100 is 44. The result is float64, and so
#   should be each step on the way.
# - $0 \cdot \infty$ and $0 \cdot \mathrm{nan}$ are nan. Leaving out terms with a zero looks like a saving,
#   and it hides a nan that someone should have seen.
#
# <details><summary>Hint: an order that suits NumPy</summary>
#
# Term $p$ of all the sums at once is column $p$ of $A$ times row $p$ of $B$: which shapes must the two
# have, so that NumPy's broadcasting makes an $(m, n)$ matrix of them?
#
# </details>
#
# <details><summary>Hint: which type?</summary>
#
# Convert both arguments to float64 first (`np.asarray`, or `.astype`). Everything else then follows.
#
# </details>

# %%
def matmul(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """The matrix product, written out.

    The rule of the game: without NumPy's @, dot, matmul, einsum, inner, tensordot.

    Source: the definition of the matrix product; Golub and Van Loan 2013, section 1.1.

    Args:
        A: shape (m, k); floats, integers or booleans, with any strides. inf and nan are numbers like others:
            no term is left out. Left unchanged.
        B: shape (k, n), likewise.

    Returns:
        A new float64 array of shape (m, n), computed in float64. All zeros if k is 0; m and n may be 0, too.

    Raises:
        ValueError: A or B does not have two axes, or A has not as many columns as B has rows.

    Example:
        >>> A = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])
        >>> B = np.array([[2.0, 1.0], [0.0, 5.0], [-1.0, 3.0]])
        >>> matmul(A, B)
        array([[-1., 20.],
               [-4.,  7.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("matmul")

# %% [markdown]
# **Measure it.** Your `matmul` against NumPy's and against the course's C++, for larger and larger square
# matrices. Both axes are logarithmic, so that growth with $n^3$ is a straight line: the thin grey ones.

# %% tags=["active-ipynb"]
# def seconds(function, *arguments):
#     """The fastest of some calls, or of a single one if that takes long."""
#     best, began = np.inf, time.perf_counter()
#     while time.perf_counter() - began < 0.03:
#         start = time.perf_counter()
#         function(*arguments)
#         best = min(best, time.perf_counter() - start)
#     return best
#
#
# rng = np.random.default_rng(0)
# with plots.when_done("matmul"):
#     contestants = {"yours": matmul, "NumPy": np.matmul, "genai_course.kernels": kernels.matmul}
#     times = {name: {} for name in contestants}
#     for n in [4, 8, 16, 32, 64, 128, 256]:
#         A, B = rng.normal(size=(2, n, n))
#         for name, function in contestants.items():
#             if max(times[name].values(), default=0.0) < 0.15:  # slower ones take no part in larger sizes
#                 times[name][n] = seconds(function, A, B)
#     plots.kernels.times(times)

# %% [markdown]
# For tiny matrices you see what a call costs that does nothing; for large ones, what the arithmetic costs.
# What does the C++ do that you did not? It cuts the matrices into blocks that fit into the processor's
# caches, keeps a small tile of $C$ in registers, multiplies 2 to 8 numbers with one instruction, and shares
# the work among threads. The sums are the same.

# %% [markdown]
# ## 2. `softmax_rows`
#
# The softmax of a row must take away the row's maximum $m$, or $e^{1000}$ overflows. So the maximum has to be
# known before the sum can begin: two passes over the row. Or has it?
#
# Go along the row with the maximum $m$ and the sum $s = \sum e^{x_j - m}$ *of what you have seen so far*.
# When a larger number comes, $s$ was counted in the wrong unit, and a single factor puts all of it right:
#
# $$
# m' = \max(m, x_j), \qquad s' = s \cdot e^{m - m'} + e^{x_j - m'}
# $$
#
# At the end of the row, $m$ and $s$ are the maximum and the sum, and $e^{x_j - m} / s$ is the softmax.
#
# **A small example.** The row $(\log 2, 0, \log 5)$, that is, exponentials 2, 1, 5:
#
# | after | $m$ | $s$ |
# |---|---|---|
# | $\log 2$ | $\log 2$ | 1 |
# | $0$ | $\log 2$ | 1 + 1/2 = 1.5 |
# | $\log 5$ | $\log 5$ | 1.5 · 2/5 + 1 = 1.6 |
#
# And indeed $1 / 1.6 = 5/8$ is the last entry of the result $(2/8, 1/8, 5/8)$.
#
# **Why it matters.** $m$ and $s$ are all that has to be remembered of a row. Attention can therefore be
# computed block by block, without ever holding the whole matrix of scores: this is how FlashAttention
# works, and the course's `kernels.attention`, too.
#
# **The rule of the game** is again yours to keep: one pass for $m$ and $s$. Only results are graded.
#
# <details><summary>Hint: what do m and s start from?</summary>
#
# Before the first number nothing has been seen. Which number is the maximum of nothing: the one that is
# smaller than any other? (0 is not, nor is any other finite number.) And what is the sum of nothing?
#
# </details>
#
# <details><summary>Hint: minus infinity as an entry</summary>
#
# A hidden key's score is $-\infty$, and its probability is 0. But while you have seen nothing else,
# $m' = -\infty$ as well, and $-\infty - (-\infty)$ is nan, which never goes away again. Nothing needs to be
# added in this case.
#
# </details>
#
# <details><summary>Hint: all rows at once</summary>
#
# With NumPy you can go along *all* rows at the same time: m and s become arrays with one entry for each row,
# and the loop runs over the columns.
#
# </details>

# %%
def softmax_rows(X: np.ndarray) -> np.ndarray:
    """Softmax of each row, by one pass that keeps a running maximum and a running sum.

    Source: Milakov and Gimelshein 2018, algorithm 3 (online softmax).

    Args:
        X: shape (n, m), floats or integers; finite and of any size, or minus infinity for what is hidden, but
            each row has one finite entry at least. n and m may be 0. Left unchanged.

    Returns:
        A new float64 array of shape (n, m); each row has the sum 1, and minus infinity has become 0. No entry
        is nan, and large entries (±1000, or ±20000) do no harm.

    Example:
        >>> softmax_rows(np.log(np.array([[2.0, 1.0, 5.0], [1.0, 1.0, 2.0]])))
        array([[0.25 , 0.125, 0.625],
               [0.25 , 0.25 , 0.5  ]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("softmax_rows")

# %% [markdown]
# **Look at it.** How the maximum and the sum run along a row. Your function does not tell us its $m$ and
# $s$, but they can be had from its answers: if we give it only the first $j$ entries, the largest
# probability is $e^0 / s$. Wherever the maximum rises, the sum so far shrinks.

# %% tags=["active-ipynb"]
# row = np.array([0.5, 1.2, -0.4, 0.9, 3.0, 2.6, 2.9, 0.1, 2.2, 4.6, 3.1, 4.4, 1.5, 4.5, 3.9, 2.0])
# with plots.when_done("softmax_rows"):
#     sums = [1 / softmax_rows(row[None, :j]).max() for j in range(1, len(row) + 1)]
#     plots.kernels.running(row, np.array(sums))

# %% tags=["active-ipynb"]
# with plots.when_done("softmax_rows"):
#     X = 20 * rng.normal(size=(200, 300))
#     print("largest difference from the C++:", np.abs(softmax_rows(X) - kernels.softmax(X)).max())
#     for name, function in {"yours": softmax_rows, "C++": kernels.softmax}.items():
#         print(f"{name}: {1000 * seconds(function, X):.2f} ms")

# %% [markdown]
# ## What comes next
#
# These two and attention are all that a transformer needs in the way of heavy arithmetic. In the last
# topic, `capstone`, you put the whole of the lecture's recap slide into one program: a small language model
# that has read *The Tempest*.
