"""Known wrong solutions of the topic `tokenization`, and right ones in other styles."""

import re
from collections import Counter, defaultdict

from autograder.author import mistake, right_another_way

# --- count_pairs ---


@mistake(
    "count_pairs",
    hint="You cut the list into separate pairs: first with second, third with fourth. Every token but the "
    "last begins a pair, so pairs overlap.",
)
def disjoint_pairs(ids):
    counts = {}
    for i in range(0, len(ids) - 1, 2):
        pair = (ids[i], ids[i + 1])
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@mistake(
    "count_pairs",
    hint="In a run of equal tokens you count only pairs that do not overlap. Counting takes every pair of "
    "neighbours; only merging leaves out overlaps.",
    source="https://github.com/karpathy/minbpe/pull/72",
)
def overlap_not_counted(ids):
    counts = {}
    last_place = {}
    for i in range(len(ids) - 1):
        pair = (ids[i], ids[i + 1])
        if last_place.get(pair) == i - 1:
            continue
        counts[pair] = counts.get(pair, 0) + 1
        last_place[pair] = i
    return counts


@mistake("count_pairs", hint="The last pair of the list is missing. How many pairs do n tokens have?")
def last_pair_missing(ids):
    counts = {}
    for i in range(len(ids) - 2):
        pair = (ids[i], ids[i + 1])
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@mistake(
    "count_pairs",
    hint="You also pair the last token with the first one. A text is a line, not a ring.",
)
def wraps_around(ids):
    counts = {}
    for pair in zip(ids, ids[1:] + ids[:1], strict=True):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@mistake(
    "count_pairs",
    hint="You count (1, 2) and (2, 1) as one pair. A merge needs to know which token stands on the left.",
)
def order_ignored(ids):
    counts = {}
    for left, right in zip(ids, ids[1:], strict=False):
        pair = (min(left, right), max(left, right))
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@mistake("count_pairs", hint="Every count is 1: you note that a pair occurs, not how often.")
def occurs_once(ids):
    return {pair: 1 for pair in zip(ids, ids[1:], strict=False)}


@mistake(
    "count_pairs",
    hint="All your counts are one too low: the first time a pair is met must count as well.",
)
def first_time_not_counted(ids):
    counts = {}
    for pair in zip(ids, ids[1:], strict=False):
        if pair in counts:
            counts[pair] += 1
        else:
            counts[pair] = 0
    return counts


@mistake("count_pairs", hint="You leave out pairs of two equal tokens. They are pairs like any other.")
def equal_neighbours_skipped(ids):
    counts = {}
    for left, right in zip(ids, ids[1:], strict=False):
        if left != right:
            counts[left, right] = counts.get((left, right), 0) + 1
    return counts


@mistake(
    "count_pairs",
    hint="You pair each token with the one after the next. Neighbours stand directly next to each other.",
)
def one_in_between(ids):
    counts = {}
    for pair in zip(ids, ids[2:], strict=False):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@mistake(
    "count_pairs",
    hint="The counts are right, but you use up the list that you were given. Whoever called you still needs "
    "it.",
)
def uses_up_its_list(ids):
    counts = {}
    while len(ids) > 1:
        left = ids.pop(0)
        counts[left, ids[0]] = counts.get((left, ids[0]), 0) + 1
    return counts


@mistake(
    "count_pairs",
    hint="An empty list raises an error. It has no first token, and no pairs either.",
    source="https://github.com/rasbt/LLMs-from-scratch/pull/1004",
)
def fails_on_nothing(ids):
    counts = {}
    left = ids[0]
    for right in ids[1:]:
        counts[left, right] = counts.get((left, right), 0) + 1
        left = right
    return counts


@right_another_way("count_pairs")
def counter_of_zip(ids):
    return Counter(zip(ids, ids[1:], strict=False))


@right_another_way("count_pairs")
def index_and_defaultdict(ids):
    counts = defaultdict(int)
    for i in range(1, len(ids)):
        counts[ids[i - 1], ids[i]] += 1
    return dict(counts)


@right_another_way("count_pairs")
def list_count(ids):
    pairs = [tuple(ids[i : i + 2]) for i in range(len(ids) - 1)]
    return {pair: pairs.count(pair) for pair in set(pairs)}


# --- merge_pair ---


@mistake(
    "merge_pair",
    hint="After a merge you go on with the pair's right token, so it is still there. A merge uses up two "
    "tokens.",
)
def right_token_kept(ids, pair, new_id):
    merged = []
    for i, token in enumerate(ids):
        merged.append(new_id if tuple(ids[i : i + 2]) == tuple(pair) else token)
    return merged


@mistake(
    "merge_pair",
    hint="A whole run of equal tokens becomes one new token. One merge joins two tokens, and the next one "
    "starts after them.",
    source="https://github.com/karpathy/minbpe/pull/38",
)
def run_swallowed(ids, pair, new_id):
    merged = []
    for i, token in enumerate(ids):
        starts = tuple(ids[i : i + 2]) == tuple(pair)
        inside = i > 0 and (ids[i - 1], token) == tuple(pair)
        if starts and not inside:
            merged.append(new_id)
        elif not inside:
            merged.append(token)
    return merged


@mistake(
    "merge_pair", hint="Only the first place where the pair stands is merged. Go on to the end of the list."
)
def first_place_only(ids, pair, new_id):
    for i in range(len(ids) - 1):
        if (ids[i], ids[i + 1]) == tuple(pair):
            return ids[:i] + [new_id] + ids[i + 2 :]
    return list(ids)


@mistake(
    "merge_pair",
    hint="A last token that is not part of a merge gets lost. Your loop stops before it.",
)
def last_token_lost(ids, pair, new_id):
    merged = []
    i = 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == tuple(pair):
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


@mistake(
    "merge_pair",
    hint="A list that ends with the pair's left token raises IndexError: you look at a neighbour that is "
    "not there.",
)
def looks_past_the_end(ids, pair, new_id):
    merged = []
    i = 0
    while i < len(ids):
        if ids[i] == pair[0] and ids[i + 1] == pair[1]:
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


@mistake(
    "merge_pair",
    hint="You also merge the two tokens when they stand the other way round. (1, 2) and (2, 1) are "
    "different pairs.",
)
def either_order(ids, pair, new_id):
    merged = []
    i = 0
    while i < len(ids):
        if sorted(ids[i : i + 2]) == sorted(pair):
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


@mistake(
    "merge_pair",
    hint="You replace the pair's tokens wherever they stand, also when they stand alone.",
)
def each_half_replaced(ids, pair, new_id):
    merged = []
    i = 0
    while i < len(ids):
        merged.append(new_id if ids[i] in pair else ids[i])
        i += 2 if tuple(ids[i : i + 2]) == tuple(pair) else 1
    return merged


@mistake(
    "merge_pair",
    hint="The tokens are right, but you change the list that you were given. Build a new one.",
)
def merges_in_place(ids, pair, new_id):
    i = 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == tuple(pair):
            ids[i : i + 2] = [new_id]
        i += 1
    return ids


@mistake(
    "merge_pair",
    hint="You merge from right to left. In a run of three equal tokens the first two become one, not the "
    "last two.",
)
def from_the_right(ids, pair, new_id):
    merged = list(ids)
    i = len(merged) - 2
    while i >= 0:
        if (merged[i], merged[i + 1]) == tuple(pair):
            merged[i : i + 2] = [new_id]
            i -= 1
        i -= 1
    return merged


@mistake(
    "merge_pair",
    hint="You replace text, and so the pair (1, 2) is also found in the ids 11 and 22. Compare numbers, not "
    "digits.",
)
def digits_compared(ids, pair, new_id):
    text = " ".join(str(token) for token in ids).replace(f"{pair[0]} {pair[1]}", str(new_id))
    return [int(token) for token in text.split()]


@right_another_way("merge_pair")
def output_as_stack(ids, pair, new_id):
    merged = []
    for token in ids:
        if merged and merged[-1] == pair[0] and token == pair[1]:
            merged[-1] = new_id
        else:
            merged.append(token)
    return merged


@right_another_way("merge_pair")
def characters_replaced(ids, pair, new_id):
    left, right = pair
    return [ord(c) for c in "".join(map(chr, ids)).replace(chr(left) + chr(right), chr(new_id))]


@right_another_way("merge_pair")
def copy_changed_in_place(ids, pair, new_id):
    merged = ids.copy()
    i = 0
    while i + 1 < len(merged):
        if merged[i] == pair[0] and merged[i + 1] == pair[1]:
            merged[i] = new_id
            del merged[i + 1]
        i += 1
    return merged


# --- train_bpe ---


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


def _greatest(counts):
    return max(counts, key=lambda pair: (counts[pair], pair))


@mistake(
    "train_bpe",
    hint="Among equally frequent pairs you take the one that was met first, so the order of the words "
    "decides. The lexicographically greatest pair must win.",
    source="https://github.com/karpathy/minbpe/pull/90",
)
def ties_to_the_first(words, num_merges):
    return _train(words, num_merges, lambda counts: max(counts, key=counts.get))


@mistake(
    "train_bpe",
    hint="Among equally frequent pairs you take the lexicographically smallest. Ours is the other way round.",
)
def ties_to_the_smallest(words, num_merges):
    return _train(words, num_merges, lambda counts: min(counts, key=lambda pair: (-counts[pair], pair)))


@mistake(
    "train_bpe",
    hint="For ties you compare the joined bytes. Compare the pairs: the left tokens first, then the right "
    "ones.",
)
def ties_by_joined_bytes(words, num_merges):
    return _train(
        words,
        num_merges,
        lambda counts: max(counts, key=lambda pair: (counts[pair], pair[0] + pair[1], pair)),
    )


@mistake(
    "train_bpe",
    hint="For ties you compare ids, so a newer token beats an older one. Compare the byte strings of the "
    "tokens.",
)
def ties_by_id(words, num_merges):
    vocab = {bytes([byte]): byte for byte in range(256)}

    def newest(counts):
        best = max(counts, key=lambda pair: (counts[pair], vocab[pair[0]], vocab[pair[1]]))
        vocab.setdefault(best[0] + best[1], len(vocab))
        return best

    return _train(words, num_merges, newest)


@mistake(
    "train_bpe",
    hint="Each word counts once, however often it occurs. A pair in a word that occurs 5 times counts 5.",
)
def word_counts_ignored(words, num_merges):
    return _train({word: 1 for word in words}, num_merges, _greatest)


@mistake(
    "train_bpe",
    hint="You join all words into one long text, so pairs reach from the end of one word into the next.",
    source="https://github.com/rasbt/LLMs-from-scratch/pull/975",
)
def across_words(words, num_merges):
    text = b"".join(word * count for word, count in words.items())
    return _train({text: 1}, num_merges, _greatest)


@mistake(
    "train_bpe",
    hint="When no pair is left, there is nothing to take the maximum of, and you raise an error. Stop early "
    "and return the merges so far.",
    source="https://github.com/karpathy/minbpe/issues/114",
)
def no_early_stop(words, num_merges):
    tokenized = [(_single_bytes(word), number) for word, number in words.items()]
    merges = []
    for _ in range(num_merges):
        best = _greatest(_pair_counts(tokenized))
        merges.append(best)
        tokenized = [(_merge_all(tokens, best), number) for tokens, number in tokenized]
    return merges


@mistake(
    "train_bpe",
    hint="You stop as soon as no pair occurs twice. A pair that occurs once is still a pair.",
    source="https://github.com/rsennrich/subword-nmt/issues/33",
)
def rare_pairs_refused(words, num_merges):
    def frequent(tokenized):
        return {pair: count for pair, count in _pair_counts(tokenized).items() if count > 1}

    return _train(words, num_merges, _greatest, count=frequent)


@mistake(
    "train_bpe",
    hint="You count once at the start and take the most frequent pairs of single bytes. Each merge changes "
    "the neighbours, so count anew after each one.",
    source="https://github.com/karpathy/minbpe/issues/95",
)
def counted_only_once(words, num_merges):
    counts = _pair_counts([(_single_bytes(word), number) for word, number in words.items()])
    return sorted(counts, key=lambda pair: (counts[pair], pair), reverse=True)[:num_merges]


@mistake(
    "train_bpe",
    hint="You return the new tokens. A merge is the pair of tokens that it joins: b'e' + b'st' is not b'es' "
    "+ b't'.",
    source="https://github.com/gautierdag/bpeasy/issues/3",
)
def tokens_returned(words, num_merges):
    return [left + right for left, right in _train(words, num_merges, _greatest)]


@mistake(
    "train_bpe",
    hint="You return pairs of ids. Here a merge is a pair of byte strings, such as (b's', b't').",
)
def ids_returned(words, num_merges):
    vocab = {bytes([byte]): byte for byte in range(256)}
    merges = []
    for left, right in _train(words, num_merges, _greatest):
        merges.append((vocab[left], vocab[right]))
        vocab.setdefault(left + right, len(vocab))
    return merges


@mistake(
    "train_bpe",
    hint="The merges are right, but you change the dict of words that you were given.",
)
def words_rewritten(words, num_merges):
    merges = _train(words, num_merges, _greatest)
    for word in list(words):
        words[tuple(_single_bytes(word))] = words.pop(word)
    return merges


@mistake(
    "train_bpe",
    hint="In a run of equal tokens you count only the pairs that do not overlap. Counting takes them all.",
    source="https://github.com/karpathy/minbpe/pull/72",
)
def runs_counted_without_overlap(words, num_merges):
    def separate(tokenized):
        counts = {}
        for tokens, count in tokenized:
            last_place = {}
            for i in range(len(tokens) - 1):
                pair = (tokens[i], tokens[i + 1])
                if last_place.get(pair) != i - 1:
                    counts[pair] = counts.get(pair, 0) + count
                    last_place[pair] = i
        return counts

    return _train(words, num_merges, _greatest, count=separate)


@mistake(
    "train_bpe",
    hint="You merge the pair only once in each word. It may stand there several times.",
)
def one_merge_a_word(words, num_merges):
    def first_place(tokens, pair):
        for i in range(len(tokens) - 1):
            if (tokens[i], tokens[i + 1]) == pair:
                return tokens[:i] + [pair[0] + pair[1]] + tokens[i + 2 :]
        return tokens

    return _train(words, num_merges, _greatest, merge=first_place)


@mistake(
    "train_bpe",
    hint="A pair counts once in each word, although it may stand there several times.",
)
def one_count_a_word(words, num_merges):
    def presence(tokenized):
        counts = {}
        for tokens, count in tokenized:
            for pair in set(zip(tokens, tokens[1:], strict=False)):
                counts[pair] = counts.get(pair, 0) + count
        return counts

    return _train(words, num_merges, _greatest, count=presence)


@mistake(
    "train_bpe",
    hint="You take num_merges for the size of the vocabulary and subtract the 256 bytes. It is the number "
    "of merges.",
)
def vocabulary_size_expected(words, num_merges):
    return _train(words, num_merges - 256, _greatest)


@mistake(
    "train_bpe",
    hint="You learn one merge too many or too few: after num_merges merges the list must have that length.",
)
def one_merge_too_many(words, num_merges):
    return _train(words, num_merges + 1, _greatest)


@mistake(
    "train_bpe",
    hint="You start from letters. A letter such as é takes two bytes, and each byte is a token of its own "
    "at first.",
)
def letters_at_the_start(words, num_merges):
    def letters(word):
        return [letter.encode() for letter in word.decode()]

    tokenized = [(letters(word), number) for word, number in words.items()]
    merges = []
    while len(merges) < num_merges and (counts := _pair_counts(tokenized)):
        best = _greatest(counts)
        merges.append(best)
        tokenized = [(_merge_all(tokens, best), number) for tokens, number in tokenized]
    return merges


@right_another_way("train_bpe")
def ids_and_a_vocabulary(words, num_merges):
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


@right_another_way("train_bpe")
def counts_kept_up_to_date(words, num_merges):
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


@right_another_way("train_bpe")
def private_characters(words, num_merges):
    """Each token is one character, so that str.replace does the merging."""
    token_of = {chr(byte): bytes([byte]) for byte in range(256)}
    corpus = {word.decode("latin-1"): count for word, count in words.items()}
    merges = []
    while len(merges) < num_merges:
        counts = Counter()
        for text, count in corpus.items():
            for found in re.finditer(r"(?s)(?=(..))", text):
                counts[found.group(1)] += count
        if not counts:
            break
        best = max(counts, key=lambda pair: (counts[pair], token_of[pair[0]], token_of[pair[1]]))
        left, right = token_of[best[0]], token_of[best[1]]
        fresh = chr(0xE000 + len(merges))
        token_of[fresh] = left + right
        merges.append((left, right))
        corpus = {text.replace(best, fresh): count for text, count in corpus.items()}
    return merges


# --- bpe_encode ---


def _apply(tokens, left, right):
    merged = []
    i = 0
    while i < len(tokens):
        if i + 1 < len(tokens) and tokens[i] == left and tokens[i + 1] == right:
            merged.append(left + right)
            i += 2
        else:
            merged.append(tokens[i])
            i += 1
    return merged


@mistake(
    "bpe_encode",
    hint="You merge the first pair in the word that you know. The pair that was learned first comes first, "
    "wherever it stands.",
    source="https://github.com/ztxz16/fastllm/pull/715",
)
def leftmost_pair_first(word, merges):
    tokens = _single_bytes(word.encode())
    known = set(merges)
    i = 0
    while i < len(tokens) - 1:
        if (tokens[i], tokens[i + 1]) in known:
            tokens[i : i + 2] = [tokens[i] + tokens[i + 1]]
            i = 0
        else:
            i += 1
    return tokens


@mistake(
    "bpe_encode",
    hint="You take the longest token that fits, from left to right. That is another algorithm (WordPiece "
    "does it); BPE replays the merges in their order.",
)
def longest_token_first(word, merges):
    vocab = {left + right for left, right in merges}
    data = word.encode()
    tokens = []
    start = 0
    while start < len(data):
        end = len(data)
        while end - start > 1 and data[start:end] not in vocab:
            end -= 1
        tokens.append(data[start:end])
        start = end
    return tokens


@mistake(
    "bpe_encode",
    hint="You apply the merges from the last one learned to the first. A late merge needs the tokens that "
    "early ones make.",
)
def last_merge_first(word, merges):
    tokens = _single_bytes(word.encode())
    for left, right in reversed(merges):
        tokens = _apply(tokens, left, right)
    return tokens


@mistake(
    "bpe_encode",
    hint="Each merge is applied only once in a word. Its pair may stand in several places.",
)
def each_merge_once(word, merges):
    tokens = _single_bytes(word.encode())
    for left, right in merges:
        for i in range(len(tokens) - 1):
            if tokens[i : i + 2] == [left, right]:
                tokens[i : i + 2] = [left + right]
                break
    return tokens


@mistake(
    "bpe_encode",
    hint="You stop after the first merge that fits. Go on with the tokens it gave, until no merge fits any "
    "more.",
)
def stops_after_one_merge(word, merges):
    tokens = _single_bytes(word.encode())
    for left, right in merges:
        merged = _apply(tokens, left, right)
        if merged != tokens:
            return merged
    return tokens


@mistake(
    "bpe_encode",
    hint="You start from letters. Encode the word first: é is two bytes, and each byte is a token of its "
    "own at first.",
)
def letters_not_bytes(word, merges):
    tokens = [letter.encode() for letter in word]
    for left, right in merges:
        tokens = _apply(tokens, left, right)
    return tokens


@mistake(
    "bpe_encode",
    hint="Your tokens are text (str). A token is a byte string, for it may end in the middle of a letter.",
)
def text_tokens(word, merges):
    tokens = _single_bytes(word.encode())
    for left, right in merges:
        tokens = _apply(tokens, left, right)
    return [token.decode("utf-8", errors="replace") for token in tokens]


@mistake(
    "bpe_encode",
    hint="You merge two tokens whenever their joined bytes are a known token. A merge joins its own two "
    "tokens only: a + bc is not ab + c.",
    source="https://github.com/karpathy/minbpe/issues/11",
)
def joined_bytes_compared(word, merges):
    tokens = _single_bytes(word.encode())
    for left, right in merges:
        i = 0
        while i < len(tokens) - 1:
            if tokens[i] + tokens[i + 1] == left + right:
                tokens[i : i + 2] = [left + right]
            i += 1
    return tokens


@mistake(
    "bpe_encode",
    hint="A word that is a single token, or empty, raises an error: there is no pair left to choose from.",
    source="https://github.com/rasbt/LLMs-from-scratch/pull/1004",
)
def fails_without_pairs(word, merges):
    rank = {pair: i for i, pair in enumerate(merges)}
    tokens = _single_bytes(word.encode())
    while True:
        best = min(zip(tokens, tokens[1:], strict=False), key=lambda pair: rank.get(pair, len(rank)))
        if best not in rank:
            return tokens
        tokens = _apply(tokens, *best)


@mistake(
    "bpe_encode",
    hint="The tokens are right, but you use up the list of merges: the next word would be cut without them.",
)
def merges_used_up(word, merges):
    tokens = _single_bytes(word.encode())
    while merges:
        tokens = _apply(tokens, *merges.pop(0))
    return tokens


@mistake(
    "bpe_encode",
    hint="A last token that takes no part in a merge gets lost. Joined, the tokens must give the word again.",
)
def last_token_dropped(word, merges):
    tokens = _single_bytes(word.encode())
    for left, right in merges:
        merged = []
        i = 0
        while i < len(tokens) - 1:
            if tokens[i : i + 2] == [left, right]:
                merged.append(left + right)
                i += 2
            else:
                merged.append(tokens[i])
                i += 1
        tokens = merged
    return tokens


@mistake(
    "bpe_encode",
    hint="In a run of equal letters you merge from the right. Merges go from left to right.",
)
def runs_from_the_right(word, merges):
    tokens = _single_bytes(word.encode())
    for left, right in merges:
        i = len(tokens) - 2
        while i >= 0:
            if tokens[i : i + 2] == [left, right]:
                tokens[i : i + 2] = [left + right]
                i -= 1
            i -= 1
    return tokens


@right_another_way("bpe_encode")
def lowest_rank_again_and_again(word, merges):
    rank = {pair: i for i, pair in reversed(list(enumerate(merges)))}
    tokens = [bytes([byte]) for byte in word.encode("utf-8")]
    while len(tokens) > 1:
        pairs = list(zip(tokens, tokens[1:], strict=False))
        i = min(range(len(pairs)), key=lambda place: rank.get(pairs[place], len(merges)))
        if pairs[i] not in rank:
            break
        tokens[i : i + 2] = [tokens[i] + tokens[i + 1]]
    return tokens


@right_another_way("bpe_encode")
def cuts_between_bytes(word, merges):
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


@right_another_way("bpe_encode")
def stack_for_each_merge(word, merges):
    tokens = _single_bytes(word.encode())
    for pair in merges:
        tokens = _merge_all(tokens, pair)
    return tokens


# --- bpe_decode ---


@mistake(
    "bpe_decode",
    hint="You decode each token by itself, and a letter that is cut into two tokens breaks. Join the bytes "
    "first.",
    source="https://github.com/soniqo/speech-swift/pull/41",
)
def token_by_token(ids, vocab):
    return "".join(vocab[i].decode("utf-8", errors="replace") for i in ids)


@mistake(
    "bpe_decode",
    hint="Bytes that are no valid UTF-8 raise UnicodeDecodeError. A model may produce any bytes: replace "
    "them.",
    source="https://github.com/Blaizzy/mlx-vlm/pull/835",
)
def error_on_bad_bytes(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("utf-8")


@mistake(
    "bpe_decode",
    hint="Bytes that are no valid UTF-8 vanish without a trace. The mark U+FFFD must stand for them.",
)
def bad_bytes_dropped(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="ignore")


@mistake(
    "bpe_decode",
    hint="You decode as Latin-1, where each byte is a letter: é becomes Ã©. The bytes are UTF-8.",
)
def decoded_as_latin1(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("latin-1")


@mistake(
    "bpe_decode",
    hint="You decode as ASCII, which knows no letter above byte 127. The bytes are UTF-8.",
)
def decoded_as_ascii(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("ascii", errors="replace")


@mistake(
    "bpe_decode",
    hint="You put a blank between tokens. A token is not a word, and blanks are part of the tokens.",
)
def blanks_between_tokens(ids, vocab):
    return b" ".join(vocab[i] for i in ids).decode("utf-8", errors="replace")


@mistake("bpe_decode", hint="You return the bytes. They still have to be decoded to text.")
def bytes_returned(ids, vocab):
    return b"".join(vocab[i] for i in ids)


@mistake(
    "bpe_decode",
    hint="You take an id for a position in the vocabulary. It is a key: ids may have gaps and any order.",
)
def ids_as_positions(ids, vocab):
    tokens = list(vocab.values())
    return b"".join(tokens[i] for i in ids).decode("utf-8", errors="replace")


@mistake(
    "bpe_decode",
    hint="Your tokens come in the order of the vocabulary, each one once. The ids give the order, and they "
    "may repeat.",
)
def vocabulary_order(ids, vocab):
    return b"".join(token for i, token in vocab.items() if i in ids).decode("utf-8", errors="replace")


@mistake(
    "bpe_decode",
    hint="Blanks and line ends at the ends of the text are lost. They are part of it.",
)
def ends_stripped(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace").strip()


@mistake(
    "bpe_decode",
    hint="The text is right, but you use up the list of ids that you were given.",
)
def ids_used_up(ids, vocab):
    data = b""
    while ids:
        data += vocab[ids.pop(0)]
    return data.decode("utf-8", errors="replace")


@right_another_way("bpe_decode")
def one_byte_array(ids, vocab):
    data = bytearray()
    for i in ids:
        data.extend(vocab[i])
    return str(data, "utf-8", "replace")


@right_another_way("bpe_decode")
def list_of_byte_values(ids, vocab):
    return bytes([byte for i in ids for byte in vocab[i]]).decode(errors="replace")
