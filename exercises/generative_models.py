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
# # Generative models: p(Y | X), p(X, Y), p(X), and what a prompt leaves out
#
# A model that *classifies* knows $p(Y \mid X)$: for a given input $x$ it says how likely each label $y$ is.
# It has nothing to say about which inputs there are. A *generative* model knows more: how likely the whole
# pair is, $p(X, Y)$, or, when there are no labels, how likely an input itself is, $p(X)$. Who knows that can
# make up new inputs. A language model is of this last kind: its $x$ is a text.
#
# All three hang together. From the joint distribution the other two follow, by summing and dividing:
#
# $$
# p(x) = \sum_y p(x, y), \qquad p(y \mid x) = \frac{p(x, y)}{p(x)}, \qquad p(x, y) = p(x)\, p(y \mid x)
# $$
#
# The way back is closed: from $p(Y \mid X)$ alone nobody can tell how often each $x$ occurs.
#
# And the lecture's word of advice for writing prompts is a sentence about the same formulas:
#
# > Anything you add to the prompt will explicitly affect the output; anything you don't add will implicitly
# > affect the output.
#
# What you add is conditioned on. What you leave out does not go away: the model averages over it, with the
# weights of its training data. You will compute both.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `joint_from_counts` | from counts to p(X, Y) | easy | 5 |
# | 2. `conditional_from_joint` | from p(X, Y) to p(Y \| X) | easy | 15 |
# | 3. `answer_distribution` | answers with and without the context in the prompt | medium | 15 |
#
# Sources: the lecture; Bishop 2006, *Pattern Recognition and Machine Learning*, sections 1.2 and 1.5.4.

# %%
import numpy as np


# %% tags=["active-ipynb"]
# import otter
# from genai_course import data, plots
# grader = otter.Notebook(tests_dir="tests/generative_models")

# %% [markdown]
# ## 1. `joint_from_counts`
#
# Someone has looked at 40 e-mails and counted, for three words, how often the word stands in the subject of a
# wanted mail and of spam. Each row is a word $x$, each column a label $y$:
#
# | | wanted | spam |
# |---|---|---|
# | hello | 12 | 4 |
# | prize | 1 | 15 |
# | meeting | 8 | 0 |
#
# The **maximum-likelihood** estimate asks which probabilities make these very counts most likely. The answer
# is the simplest one you can think of, relative frequency:
#
# $$
# \hat p(x, y) = \frac{n(x, y)}{\sum_{x'} \sum_{y'} n(x', y')}
# $$
#
# **A small example.** "hello" in a wanted mail was seen 12 times of 40, so $\hat p(\text{hello},
# \text{wanted}) = 0.3$, and $\hat p(\text{prize}, \text{spam}) = 15/40 = 0.375$. What never occurred gets 0.
#
# <details><summary>Hint</summary>
#
# All cells together sum to 1, not those of a row. NumPy divides a whole array by a number at once.
#
# </details>

# %%
def joint_from_counts(counts: np.ndarray) -> np.ndarray:
    """Estimate p(X, Y) from counts, by maximum likelihood.

    Args:
        counts: (n_x, n_y), how often each pair (x, y) was seen: whole numbers from 0, stored as integers or
            as floats; one at least is not 0. Rows are x, columns are y. Left unchanged.

    Returns:
        A float64 array (n_x, n_y) of probabilities; all entries together sum to 1.

    Source: the lecture; Bishop 2006, section 1.2.

    >>> joint_from_counts(np.array([[12, 4], [1, 15], [8, 0]]))
    array([[0.3  , 0.1  ],
           [0.025, 0.375],
           [0.2  , 0.   ]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("joint_from_counts")

# %% [markdown]
# **Look at it.** In the middle the joint distribution. Summed over each row it gives $p(x)$, summed over each
# column $p(y)$: these two are called its *margins*.

# %% tags=["active-ipynb"]
# with plots.when_done("joint_from_counts"):
#     words, labels = ["hello", "prize", "meeting"], ["wanted", "spam"]
#     mails = joint_from_counts(np.array([[12, 4], [1, 15], [8, 0]]))
#     plots.generative_models.joint_with_margins(mails, words, labels)

# %% [markdown]
# ## 2. `conditional_from_joint`
#
# A spam filter sees the word and wants to know the label, so it needs $p(y \mid x)$: each row of the joint
# distribution, blown up until it sums to 1.
#
# $$
# p(y \mid x) = \frac{p(x, y)}{p(x)}, \qquad p(x) = \sum_{y'} p(x, y')
# $$
#
# **A small example.** The row of "hello" is $(0.3, 0.1)$ and its sum $p(\text{hello})$ is $0.4$, so $p(y \mid
# \text{hello}) = (0.75, 0.25)$. The row of "meeting" is $(0.2, 0)$ and becomes $(1, 0)$.
#
# What of a word that never occurs? Its row holds zeros only, and $0/0$ is not a number. We agree to leave
# such a row all zeros. It is then no distribution, and this is the honest answer: nothing is known about it.
#
# <details><summary>Hint: shapes</summary>
#
# The sums of the rows are one number for each row. To divide each row by its own number they must stand in a
# column, (n_x, 1); `keepdims=True` does it. Beware: with as many rows as columns NumPy also divides by a row
# of sums without complaint, and each *column* gets divided by the wrong number.
#
# </details>
#
# <details><summary>Hint: the empty row</summary>
#
# Zeros divided by any number but 0 are zeros. Which divisor could you put in place of 0, for these rows only?
#
# </details>

# %%
def conditional_from_joint(joint: np.ndarray) -> np.ndarray:
    """Turn a joint distribution p(X, Y) into the conditional one, p(Y | X).

    Args:
        joint: (n_x, n_y) float64, p(x, y) with x in rows; entries from 0, together 1. Left unchanged.

    Returns:
        A float64 array (n_x, n_y): row x holds p(y | x) and sums to 1, however small p(x) is. A row with
        p(x) = 0 stays all zeros.

    Source: the lecture; Bishop 2006, equations 1.10 and 1.11 (the sum rule and the product rule).

    >>> conditional_from_joint(np.array([[0.3, 0.1], [0.0, 0.0], [0.0, 0.6]]))
    array([[0.75, 0.25],
           [0.  , 0.  ],
           [0.  , 1.  ]])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("conditional_from_joint")

# %% [markdown]
# **Look at it.** The same table three times. On the right your function was given the transposed table, so
# it answers the opposite question, $p(x \mid y)$: how spam *looks*, not whether a mail is spam. Mixing
# up these two is one of the most common mistakes in reasoning about chances.

# %% tags=["active-ipynb"]
# with plots.when_done("joint_from_counts", "conditional_from_joint"):
#     mails = joint_from_counts(np.array([[12, 4], [1, 15], [8, 0]]))
#     label_given_word = conditional_from_joint(mails)
#     word_given_label = conditional_from_joint(mails.T).T
#     words, labels = ["hello", "prize", "meeting"], ["wanted", "spam"]
#     plots.generative_models.three_tables(mails, label_given_word, word_given_label, words, labels)

# %% [markdown]
# Now with real data: $x$ is a letter in Shakespeare's *The Tempest*, and $y$ the letter after it. In the
# joint distribution the row of q is nearly invisible, for q is rare. In the conditional one it is the surest
# row of all. This little table is a language model already: it tells, after each letter, how likely every
# next one is.

# %% tags=["active-ipynb"]
# with plots.when_done("joint_from_counts", "conditional_from_joint"):
#     letters = "abcdefghijklmnopqrstuvwxyz"
#     counts = np.zeros((26, 26), dtype=np.int64)
#     text = data.the_tempest().lower()
#     for first, second in zip(text, text[1:], strict=False):
#         if first in letters and second in letters:
#             counts[letters.index(first), letters.index(second)] += 1
#     pairs = joint_from_counts(counts)
#     plots.generative_models.letter_pairs(pairs, conditional_from_joint(pairs), letters)

# %% [markdown]
# ## 3. `answer_distribution`
#
# "I'd like some chips, please." What do you get? In London hot fried potatoes, in New York cold crisps from a
# bag. Say a model has learned from texts of both cities how often context and answer go together:
#
# | $p(c, a)$ | fries | crisps |
# |---|---|---|
# | London | 0.36 | 0.04 |
# | New York | 0.06 | 0.54 |
#
# If the prompt says where you are, the context $c$ is given, and the answer follows $p(a \mid c)$. If it does
# not, the model answers with the mixture over all contexts, each weighted by how often it occurs:
#
# $$
# p(a) = \sum_{c} p(c)\, p(a \mid c)
# $$
#
# **A small example.** With "London" in the prompt: $(0.36, 0.04) / 0.4 = (0.9, 0.1)$. With nothing said:
# $0.4 \cdot (0.9, 0.1) + 0.6 \cdot (0.1, 0.9) = (0.42, 0.58)$. New York wins, not because anybody asked for
# it, but because more of the texts came from there. This is what "implicitly" means.
#
# A context that never occurs, $p(c) = 0$, leaves the model without any answer. Conditioning on it is an
# error: raise `ValueError`.
#
# <details><summary>Hint: given or left out?</summary>
#
# A context is a row number, and the first row has the number 0. Python takes 0 for false, just as it does
# with `None`. Which question tells them apart?
#
# </details>
#
# <details><summary>Hint: the mixture</summary>
#
# Look at a single term, $p(c)\, p(a \mid c)$, and at the first formulas of this topic. You need not divide at
# all, and a context of probability 0 then does no harm.
#
# </details>

# %%
def answer_distribution(joint: np.ndarray, context: int | None) -> np.ndarray:
    """Distribution of the answer, with the context in the prompt or without it.

    Args:
        joint: (n_context, n_answer) float64, p(context, answer); entries from 0, together 1. Left unchanged.
        context: the row of the context that the prompt gives, from 0 to n_context - 1, or None if the prompt
            leaves it out.

    Returns:
        A float64 array (n_answer,) that sums to 1: p(answer | context) for a given context, and Σ_c p(c)
        p(answer | c) for None, where contexts of probability 0 add nothing.

    Raises:
        ValueError: the given context has probability 0, so that no answer follows from it.

    Source: the lecture ("anything you don't add will implicitly affect the output"); Bishop 2006, 1.2.

    >>> joint = np.array([[0.36, 0.04], [0.06, 0.54]])
    >>> answer_distribution(joint, 0)
    array([0.9, 0.1])
    >>> answer_distribution(joint, None)
    array([0.42, 0.58])
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("answer_distribution")

# %% [markdown]
# **Look at it.** One question, asked of three models that differ in nothing but where their texts came from.
# With the city in the prompt all of them give the same answers. Without it, each gives the answer of its own
# training data.

# %% tags=["active-ipynb"]
# with plots.when_done("answer_distribution"):
#     given_city = np.array([[0.9, 0.1], [0.1, 0.9]])
#     cities, answers = ["London", "New York"], ["fries", "crisps"]
#     prompts = ["Chips, please."] + [f"Chips, please. (In {city}.)" for city in cities]
#     rows = {}
#     for share in (0.9, 0.4, 0.1):
#         joint = np.array([[share], [1 - share]]) * given_city
#         name = f"{share:.0%} of the texts are from London"
#         rows[name] = [answer_distribution(joint, context) for context in (None, 0, 1)]
#     plots.generative_models.answers_by_prompt(rows, prompts, answers)

# %% [markdown]
# ## What comes next
#
# Here $x$ was a word, a letter or a city, and all of them fitted into one table. A language model's $x$ is a
# whole text. The next topic, `tokenization`, cuts texts into tokens; after it, `sequence_probability` counts
# how large the table would have to be, and shows how $p(x)$ can be had without it.
