"""Known mistakes and alternative solutions of the topic `symbolic_ai`."""

from itertools import product

from autograder.author import mistake, right_another_way

# --- is_available ---


@mistake(
    "is_available",
    hint="You read the pairs the wrong way round. The order is that of Borrowed(y, x): first who, then what.",
)
def book_before_member(book, members, borrowed):
    return not any((book, y) in borrowed for y in members)


@mistake(
    "is_available",
    hint="Every loan counts, whoever made it. The query asks for a y that is a member as well.",
)
def borrower_need_not_be_member(book, members, borrowed):
    return book not in {x for _, x in borrowed}


@mistake(
    "is_available",
    hint="The “not” is lost: you tell whether a member has borrowed the book.",
)
def negation_lost(book, members, borrowed):
    return any((y, book) in borrowed for y in members)


@mistake(
    "is_available",
    hint="You look for the name anywhere in a pair. Only its second place is the book; a member may be "
    "called like one.",
)
def either_place_of_the_pair(book, members, borrowed):
    return not any(pair[0] in members and book in pair for pair in borrowed)


@mistake(
    "is_available",
    hint="A title that is only a part of another one is taken for it. Two titles must be equal.",
)
def part_of_a_title(book, members, borrowed):
    return not any(y in members and book in x for y, x in borrowed)


@mistake(
    "is_available",
    hint="You compare titles without regard to capital letters. Symbols are the same or they are not.",
)
def capitals_ignored(book, members, borrowed):
    return not any(y in members and x.lower() == book.lower() for y, x in borrowed)


@mistake(
    "is_available",
    hint="A book that no pair mentions counts as not available. In the closed world, no loan that is known "
    "means no loan.",
)
def unknown_book_refused(book, members, borrowed):
    return any(x == book for _, x in borrowed) and not any((y, book) in borrowed for y in members)


@mistake(
    "is_available",
    hint="The “not” has slipped inside: one member who has not borrowed the book is enough for you. “There "
    "is no y who has” means that every y has not.",
)
def negation_inside_exists(book, members, borrowed):
    return any((y, book) not in borrowed for y in members)


@mistake(
    "is_available",
    hint="You ask whether members have borrowed anything. The pair must be about this very book.",
)
def any_book_counts(book, members, borrowed):
    return not any(y in members for y, _ in borrowed)


@mistake(
    "is_available",
    hint="You turned “not (A and B)” into “not A and not B”. It is “not A or not B”: a loan is harmless if "
    "it is not a member's, or not of this book.",
)
def de_morgan_half_done(book, members, borrowed):
    return all(y not in members and x != book for y, x in borrowed)


@mistake(
    "is_available",
    hint="Your function ends without an answer when nobody has the book: None is not True.",
)
def nothing_returned(book, members, borrowed):
    for y, x in borrowed:
        if x == book and y in members:
            return False
    return None


@mistake(
    "is_available",
    hint="The answer is right, but the set of loans that you were given is used up: the next question finds "
    "no facts.",
)
def loans_used_up(book, members, borrowed):
    answer = True
    while borrowed:
        y, x = borrowed.pop()
        answer = answer and not (y in members and x == book)
    return answer


@right_another_way("is_available")
def pairs_built_first(book, members, borrowed):
    return borrowed.isdisjoint(product(members, [book]))


@right_another_way("is_available")
def loop_over_members(book, members, borrowed):
    answer = True
    for member in sorted(members):
        if (member, book) in borrowed:
            answer = False
    return answer


@right_another_way("is_available")
def number_of_borrowers(book, members, borrowed):
    borrowers = {who for who, what in borrowed if what == book}
    return len(borrowers & members) == 0


# --- rule_holds ---


def _lent(members, borrowed):
    return {x for y, x in borrowed if y in members}


@mistake(
    "rule_holds",
    hint="You take “either … or” as exclusive: a book that is both available and borrowed breaks your rule. "
    "The ∨ of the formula is inclusive.",
)
def exclusive_or(books, members, available, borrowed):
    lent = _lent(members, borrowed)
    return all((x in available) != (x in lent) for x in books)


@mistake(
    "rule_holds",
    hint="Every loan counts, whoever made it. The rule asks for a borrower who is a member.",
)
def any_borrower_counts(books, members, available, borrowed):
    return books <= available | {x for _, x in borrowed}


@mistake(
    "rule_holds",
    hint="You read the pairs the wrong way round. The order is that of Borrowed(y, x): first who, then what.",
)
def pairs_reversed(books, members, available, borrowed):
    return all(x in available or any((x, y) in borrowed for y in members) for x in books)


@mistake(
    "rule_holds",
    hint="One book that keeps the rule is enough for you. It must hold for all of them.",
)
def some_book_is_enough(books, members, available, borrowed):
    lent = _lent(members, borrowed)
    return any(x in available or x in lent for x in books)


@mistake(
    "rule_holds",
    hint="A library without books breaks your rule. “For all” over nothing is true: no book breaks it.",
    source="https://github.com/awbx/fhir-dsl/issues/9",
)
def no_books_no_rule(books, members, available, borrowed):
    return len(books) > 0 and books <= available | _lent(members, borrowed)


@mistake(
    "rule_holds",
    hint="You look at the list of available books only. A book may also be with a member.",
)
def loans_ignored(books, members, available, borrowed):
    return books <= available


@mistake(
    "rule_holds",
    hint="You look at the loans only. A book may also be available.",
)
def list_ignored(books, members, available, borrowed):
    return books <= _lent(members, borrowed)


@mistake(
    "rule_holds",
    hint="You ask for both: available and borrowed. One of the two is enough.",
)
def and_for_or(books, members, available, borrowed):
    return books <= available & _lent(members, borrowed)


@mistake(
    "rule_holds",
    hint="Your rule is about everything that is mentioned, not about books only. What is not a book keeps "
    "the rule by itself.",
)
def rule_for_everything(books, members, available, borrowed):
    everything = books | available | {x for _, x in borrowed}
    return everything <= available | _lent(members, borrowed)


@mistake(
    "rule_holds",
    hint="You read the arrow as “and”: everything that is listed or lent has to be a book. “If it is a book, "
    "then …” says nothing about other things.",
)
def and_for_implies(books, members, available, borrowed):
    everything = books | available | {x for _, x in borrowed}
    lent = _lent(members, borrowed)
    return all(x in books and (x in available or x in lent) for x in everything)


@mistake(
    "rule_holds",
    hint="The quantifiers have changed places: you want one member who has all the books that are out. Each "
    "book may have a borrower of its own.",
)
def one_member_for_all_books(books, members, available, borrowed):
    return any(all(x in available or (y, x) in borrowed for x in books) for y in members)


@mistake(
    "rule_holds",
    hint="You want every member to have borrowed the book. One is enough.",
)
def every_member_must_borrow(books, members, available, borrowed):
    return all(x in available or all((y, x) in borrowed for y in members) for x in books)


@mistake(
    "rule_holds",
    hint="You call a book available when nobody has it, so your rule can never fail. Here Available(x) is a "
    "fact of its own: the set that you are given.",
)
def query_for_the_list(books, members, available, borrowed):
    lent = _lent(members, borrowed)
    return all(x not in lent or x in lent for x in books)


@mistake(
    "rule_holds",
    hint="You answer the opposite question: whether the rule is broken.",
)
def answer_negated(books, members, available, borrowed):
    return not books <= available | _lent(members, borrowed)


@mistake(
    "rule_holds",
    hint="You want the listed and the lent things to be exactly the books. It is enough that no book is "
    "missing among them.",
)
def sets_must_be_equal(books, members, available, borrowed):
    return books == available | _lent(members, borrowed)


@mistake(
    "rule_holds",
    hint="The inclusion is turned round: you check that all that is listed or lent is a book. Check that "
    "each book is listed or lent.",
)
def inclusion_turned_round(books, members, available, borrowed):
    return available | _lent(members, borrowed) <= books


@mistake(
    "rule_holds",
    hint="You compare how many there are. Something else can make up the number while a book is missing.",
)
def numbers_compared(books, members, available, borrowed):
    return len(available | _lent(members, borrowed)) >= len(books)


@mistake(
    "rule_holds",
    hint="The answer is right, but you cross books off the set that you were given. The library has lost "
    "them now.",
)
def books_crossed_off(books, members, available, borrowed):
    books -= available
    return books <= _lent(members, borrowed)


@mistake(
    "rule_holds",
    hint="The answer is right, but the list of available books has grown: you add the borrowed ones to the "
    "set that you were given.",
)
def list_extended(books, members, available, borrowed):
    available |= _lent(members, borrowed)
    return books <= available


@right_another_way("rule_holds")
def covered_by_two_sets(books, members, available, borrowed):
    return books <= available | {what for who, what in borrowed if who in members}


@right_another_way("rule_holds")
def no_counterexample(books, members, available, borrowed):
    for book in books:
        if book in available:
            continue
        for member in members:
            if (member, book) in borrowed:
                break
        else:
            return False
    return True


@right_another_way("rule_holds")
def missing_books_subtracted(books, members, available, borrowed):
    missing = books.difference(available)
    for who, what in borrowed:
        if who in members:
            missing.discard(what)
    return not missing


@right_another_way("rule_holds")
def count_of_books_kept(books, members, available, borrowed):
    pairs = set(product(members, books)) & borrowed
    kept = [book for book in books if book in available or book in [x for _, x in pairs]]
    return len(kept) == len(books)
