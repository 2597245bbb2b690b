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
# # Symbolic versus subsymbolic AI: a library in logic
#
# There are two old ideas of how a machine could be clever. **Symbolic** AI writes knowledge down: facts and
# rules about things that have names, and an engine that draws conclusions. Every step can be read and
# checked, but somebody has to write all of it. **Subsymbolic** AI learns from examples; what it knows sits in
# many numbers, none of which means anything by itself. The rest of this course is about the second kind. This
# first topic is a taste of the other one, so that you know what was given up and what was won.
#
# The lecture's example is a library. Its rule says that a book is either available or a member has borrowed
# it, and its query asks whether book $x$ is available:
#
# $$
# \forall x\, \big(\mathrm{Book}(x) \to (\mathrm{Available}(x) \lor \exists y\, (\mathrm{Member}(y) \land
# \mathrm{Borrowed}(y, x)))\big)
# $$
#
# $$
# \neg \exists y\, (\mathrm{Member}(y) \land \mathrm{Borrowed}(y, x))
# $$
#
# Here the facts are plain Python sets: `books`, `members`, `available`, and `borrowed`, which holds the pairs
# (member, book) in the order of $\mathrm{Borrowed}(y, x)$. What a set does not hold is *false*. This is the
# **closed world**: whoever is not known to have borrowed a book has not. (In an *open* world, what is not
# known may still be true. The first picture shows the difference.)
#
# **Two things to read with care on the slide.**
#
# - "Either … or" is written as $\lor$, which is *inclusive*: a book that is both available and borrowed keeps
#   the rule, odd as it is.
# - The query speaks of any $x$ at all: nobody has borrowed the moon, so the moon is "available". To ask for
#   books only, it would need $\mathrm{Book}(x) \land \dots$ in front. We take the query as it stands.
#
# | Exercise | What you write | Difficulty | Minutes |
# |---|---|---|---|
# | 1. `is_available` | the query | easy | 10 |
# | 2. `rule_holds` | the rule | easy | 15 |
#
# Sources: the lecture; Reiter 1978, *On Closed World Data Bases*, for the closed world.

# %% tags=["active-ipynb"]
# import otter
# from genai_course import plots
# grader = otter.Notebook(tests_dir="tests/symbolic_ai")

# %% [markdown]
# A small library for the pictures below. Zoe is not a member, Emma is both available and borrowed, and
# nothing is known about Ulysses.

# %% tags=["active-ipynb"]
# books = ["Dune", "Emma", "Ivanhoe", "Ulysses", "Walden"]
# members = {"Ada", "Ben", "Cleo"}
# available = {"Emma", "Walden"}
# borrowed = {("Ada", "Dune"), ("Ben", "Dune"), ("Ben", "Emma"), ("Zoe", "Ivanhoe")}

# %% [markdown]
# ## 1. `is_available`
#
# Answer the query for one book: is there *no* member who has borrowed it? Two things must come together in
# one and the same $y$: being a member, and having borrowed *this* book.
#
# **A small example.** The members are Ada and Ben; Ada has borrowed Dune, and Zoe, who is not a member, has
# Ivanhoe. Then Dune is not available. Ivanhoe is, for only members count, and so is Emma, which nobody has.
#
# <details><summary>Hint: from logic to Python</summary>
#
# "There is a $y$ for which …" is `any(... for y in ...)`, "not" is `not`, and "and" is `and`.
#
# </details>
#
# <details><summary>Hint: which way round?</summary>
#
# A pair tells first *who* and then *what*. Take it apart with two names, or ask whether a pair that you build
# yourself is in the set.
#
# </details>

# %%
def is_available(book: str, members: set[str], borrowed: set[tuple[str, str]]) -> bool:
    """Answer the lecture's query: has no member borrowed this book?

    Args:
        book: what is asked for. It need not occur anywhere else: in the closed world, a book of which
            nothing is known has not been borrowed.
        members: the members of the library, possibly none. Left unchanged.
        borrowed: pairs (who, what); who may be no member, and may have several books, and a book may have
            several borrowers. Left unchanged.

    Returns:
        True if there is no y with Member(y) and Borrowed(y, book), else False.

    Source: the lecture; Reiter 1978 for the closed world.

    >>> is_available("Dune", {"Ada", "Ben"}, {("Ada", "Dune")})
    False
    >>> is_available("Emma", {"Ada", "Ben"}, {("Ada", "Dune")})
    True
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")


# %% tags=["active-ipynb"]
# grader.check("is_available")

# %% [markdown]
# **Look at it.** On the left the facts, on the right your answers. The last column shows how much a "yes"
# leans on the closed world: without it, no list of loans could ever prove that a book has *not* been lent.

# %% tags=["active-ipynb"]
# with plots.when_done("is_available"):
#     answers = {book: is_available(book, members, borrowed) for book in books}
#     plots.symbolic_ai.loans(answers, members, borrowed)

# %% [markdown]
# ## 2. `rule_holds`
#
# Now look at the whole library: does every book keep the rule? Here `available` is a fact that somebody wrote
# down, perhaps wrongly. It is *not* the answer of the query above.
#
# **A small example.** The books are Dune and Emma, and the only member is Ada. If Ada has borrowed Dune and
# Emma is listed as available, the rule holds. Take Emma off the list and it fails: Emma is neither available
# nor borrowed, it is lost.
#
# The arrow $\to$ says something about books only; whatever is not a book keeps the rule by itself. And if
# there are no books at all, no book can break it.
#
# <details><summary>Hint: two quantifiers</summary>
#
# "For all" is `all(...)`, "there is" is `any(...)`, and one stands inside the other. Which one is outside?
# Every book may have a borrower of its own.
#
# </details>
#
# <details><summary>Hint: with sets instead</summary>
#
# Which books have been borrowed by a member? Together with the available ones, do they cover all books?
#
# </details>

# %%
def rule_holds(
    books: set[str], members: set[str], available: set[str], borrowed: set[tuple[str, str]]
) -> bool:
    """Check the lecture's rule: every book is available, or a member has borrowed it, or both.

    Args:
        books: the books of the library, possibly none. Left unchanged.
        members: its members, possibly none. Left unchanged.
        available: what is listed as available; it may hold things that are not books. Left unchanged.
        borrowed: pairs (who, what); who may be no member, and what may be no book. Left unchanged.

    Returns:
        True if for each x in books, x is in available or there is a y with Member(y) and Borrowed(y, x);
        False if one book at least breaks the rule. Without books, True.

    Source: the lecture.

    >>> rule_holds({"Dune", "Emma"}, {"Ada"}, {"Emma"}, {("Ada", "Dune")})
    True
    >>> rule_holds({"Dune", "Emma"}, {"Ada"}, set(), {("Ada", "Dune")})
    False
    """
    # YOUR CODE HERE
    raise NotImplementedError("not done yet")

# %% tags=["active-ipynb"]
# grader.check("rule_holds")

# %% [markdown]
# **Look at it.** One row for each book, and the rule asked for that book alone. Look at Ivanhoe and Ulysses:
# the query calls them available, the list of available books does not, and the rule finds the gap.

# %% tags=["active-ipynb"]
# with plots.when_done("is_available", "rule_holds"):
#     lent = {book: not is_available(book, members, borrowed) for book in books}
#     kept = {book: rule_holds({book}, members, available, borrowed) for book in books}
#     holds = rule_holds(set(books), members, available, borrowed)
#     plots.symbolic_ai.rule_table(available, lent, kept, holds)

# %% [markdown]
# ## What comes next
#
# You could read off *why* each answer came out as it did, and one missing fact was enough to get it wrong.
# Nobody can write down the rules of a language like this, let alone all its facts. The next topic,
# `generative_models`, starts from the other end: it counts what occurs, and answers with probabilities.
