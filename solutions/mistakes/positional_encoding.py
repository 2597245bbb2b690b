"""Known mistakes in `positional_encoding`, and correct solutions in other styles."""

import math

import numpy as np

from autograder.author import mistake, right_another_way


def _weave(sines: np.ndarray, cosines: np.ndarray) -> np.ndarray:
    """Put sines into the even columns and cosines into the odd ones."""
    return np.stack([sines, cosines], axis=-1).reshape(len(sines), -1)


# positional_encoding: mistakes


@mistake(
    "positional_encoding",
    hint="Your exponent doubles the column number. In the formula i counts pairs, and 2i is already the "
    "column: the sine and the cosine of a pair share the angle pos / 10000^(2i/d).",
    source="https://github.com/SamLynnEvans/Transformer/issues/25",
)
def column_number_doubled(n_pos, d_model):
    table = np.zeros((n_pos, d_model))
    for pos in range(n_pos):
        for i in range(0, d_model, 2):
            table[pos, i] = math.sin(pos / 10000 ** (2 * i / d_model))
            table[pos, i + 1] = math.cos(pos / 10000 ** (2 * (i + 1) / d_model))
    return table


@mistake(
    "positional_encoding",
    hint="Your exponents grow twice as fast as they should: 0, 4/d, 8/d ... instead of 0, 2/d, 4/d ... The "
    "factor of two is in there twice. Does your i count pairs or columns?",
    source="https://github.com/BrianPulfer/PapersReimplementations/issues/9",
)
def exponent_doubled(n_pos, d_model):
    frequency = np.array([1 / 10000 ** (2 * j / d_model) for j in range(d_model)])
    angles = np.arange(n_pos)[:, None] * frequency
    table = np.zeros((n_pos, d_model))
    table[:, 0::2] = np.sin(angles[:, 0::2])
    table[:, 1::2] = np.cos(angles[:, 0::2])
    return table


@mistake(
    "positional_encoding",
    hint="Your cosines use an exponent of their own, (2i+1)/d. A sine and a cosine that stand side by side "
    "share one angle, with 2i/d.",
    source="https://github.com/maxjcohen/transformer/issues/62",
)
def cosine_has_its_own_angle(n_pos, d_model):
    pos = np.arange(n_pos)[:, None]
    table = np.zeros((n_pos, d_model))
    table[:, 0::2] = np.sin(pos / 10000 ** (np.arange(0, d_model, 2) / d_model))
    table[:, 1::2] = np.cos(pos / 10000 ** (np.arange(1, d_model, 2) / d_model))
    return table


@mistake(
    "positional_encoding",
    hint="Your cosines are one pair ahead of your sines: they use the angle of pair i + 1. The 2i + 1 in "
    "the formula names the column only, not the exponent.",
)
def cosine_one_pair_ahead(n_pos, d_model):
    pos = np.arange(n_pos)[:, None]
    i = np.arange(d_model // 2)
    return _weave(np.sin(pos / 10000 ** (2 * i / d_model)), np.cos(pos / 10000 ** (2 * (i + 1) / d_model)))


@mistake(
    "positional_encoding",
    hint="All your sines stand in the first half and all cosines in the second. Some programs do that, but "
    "the formula puts them side by side: even columns are sines, odd columns are cosines.",
    source="https://github.com/tensorflow/text/issues/1122",
)
def halves_not_interleaved(n_pos, d_model):
    angles = np.arange(n_pos)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=-1)


@mistake(
    "positional_encoding",
    hint="Sine and cosine have changed places. Column 0 is a sine: position 0 starts with 0, 1, 0, 1.",
)
def sine_and_cosine_swapped(n_pos, d_model):
    angles = np.arange(n_pos)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    return _weave(np.cos(angles), np.sin(angles))


@mistake(
    "positional_encoding",
    hint="Every column of yours is a sine. Which function belongs in the odd columns?",
)
def sine_everywhere(n_pos, d_model):
    angles = np.arange(n_pos)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    return _weave(np.sin(angles), np.sin(angles))


@mistake(
    "positional_encoding",
    hint="Your first row belongs to position 1. Positions are counted from 0.",
)
def positions_from_one(n_pos, d_model):
    angles = np.arange(1, n_pos + 1)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    return _weave(np.sin(angles), np.cos(angles))


@mistake(
    "positional_encoding",
    hint="Your base is 1000. Count the zeros of the one in the formula.",
    source="https://github.com/maxjcohen/transformer/issues/62",
)
def base_1000(n_pos, d_model):
    angles = np.arange(n_pos)[:, None] / 1000 ** (np.arange(0, d_model, 2) / d_model)
    return _weave(np.sin(angles), np.cos(angles))


@mistake(
    "positional_encoding",
    hint="Your exponent is i/d where the formula has 2i/d: a factor of two got lost, so that the last "
    "pairs turn too fast.",
)
def exponent_halved(n_pos, d_model):
    i = np.arange(d_model // 2)
    angles = np.arange(n_pos)[:, None] * np.exp(-i * np.log(10000.0) / d_model)
    return _weave(np.sin(angles), np.cos(angles))


@mistake(
    "positional_encoding",
    hint="Your last pair reaches the full factor of 10000: the exponent is divided by d - 2 instead of d. "
    "With d in the formula the largest exponent is (d - 2)/d, a little less than 1.",
)
def exponent_reaches_one(n_pos, d_model):
    i = np.arange(d_model // 2)
    angles = np.arange(n_pos)[:, None] / 10000 ** (2 * i / (d_model - 2))
    return _weave(np.sin(angles), np.cos(angles))


@mistake(
    "positional_encoding",
    hint="You multiply the position by 10000^(2i/d); the formula divides. Angles should get smaller from "
    "pair to pair.",
)
def multiplied_not_divided(n_pos, d_model):
    angles = np.arange(n_pos)[:, None] * 10000 ** (np.arange(0, d_model, 2) / d_model)
    return _weave(np.sin(angles), np.cos(angles))


@mistake(
    "positional_encoding",
    hint="Base and exponent have changed places: 10000 is raised to the power 2i/d, not the other way round.",
    source="https://github.com/ivanvovk/WaveGrad/issues/12",
)
def power_turned_round(n_pos, d_model):
    exponents = np.arange(0, d_model, 2) / d_model
    angles = np.arange(n_pos)[:, None] * exponents**1e-4
    return _weave(np.sin(angles), np.cos(angles))


@mistake(
    "positional_encoding",
    hint="All your pairs have the same angle: 2i // d cuts the fraction off and leaves 0. Which division "
    "keeps it?",
)
def integer_division(n_pos, d_model):
    angles = np.arange(n_pos)[:, None] / 10000 ** (np.arange(0, d_model, 2) // d_model)
    return _weave(np.sin(angles), np.cos(angles))


@mistake(
    "positional_encoding",
    hint="There are nan values in your table: without brackets, 10000 ** 2 * i / d means (10000 ** 2) * i "
    "/ d. The whole fraction belongs in the exponent.",
)
def exponent_without_brackets(n_pos, d_model):
    i = np.arange(d_model // 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        angles = np.arange(n_pos)[:, None] / (10000.0**2 * i / d_model)
        return _weave(np.sin(angles), np.cos(angles))


@mistake(
    "positional_encoding",
    hint="Your table lies on its side: positions are rows, dimensions of the model are columns.",
)
def transposed(n_pos, d_model):
    angles = np.arange(n_pos)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    return _weave(np.sin(angles), np.cos(angles)).T


@mistake(
    "positional_encoding",
    hint="Your table has an extra leading axis. One row for each position is enough: shape (n_pos, "
    "d_model), without an axis for the batch.",
)
def extra_batch_axis(n_pos, d_model):
    angles = np.arange(n_pos)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    return _weave(np.sin(angles), np.cos(angles))[np.newaxis]


@mistake(
    "positional_encoding",
    hint="Your table is correct near the start but not precise far from it: the angles are computed in "
    "single precision. Use float64 throughout.",
)
def single_precision(n_pos, d_model):
    pos = np.arange(n_pos, dtype=np.float32)[:, None]
    frequency = np.exp(np.arange(0, d_model, 2, dtype=np.float32) * np.float32(-math.log(10000.0) / d_model))
    return _weave(np.sin(pos * frequency), np.cos(pos * frequency))


# positional_encoding: right in another way


@right_another_way("positional_encoding")
def two_loops(n_pos, d_model):
    rows = []
    for pos in range(n_pos):
        row = []
        for i in range(d_model // 2):
            angle = pos / 10000 ** (2 * i / d_model)
            row += [math.sin(angle), math.cos(angle)]
        rows.append(row)
    return np.array(rows)


@right_another_way("positional_encoding")
def frequencies_by_exp_and_log(n_pos, d_model):
    frequency = np.exp(np.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
    angles = np.outer(np.arange(n_pos), frequency)
    table = np.zeros((n_pos, d_model))
    table[:, ::2], table[:, 1::2] = np.sin(angles), np.cos(angles)
    return table


@right_another_way("positional_encoding")
def cosine_as_shifted_sine(n_pos, d_model):
    column = np.arange(d_model)
    angles = np.arange(n_pos)[:, None] / np.power(10000.0, (column - column % 2) / d_model)
    return np.sin(angles + np.pi / 2 * (column % 2))


@right_another_way("positional_encoding")
def complex_rotations(n_pos, d_model):
    turn = np.exp(1j * 10000.0 ** (-np.arange(0, d_model, 2) / d_model))
    z = turn ** np.arange(n_pos)[:, None]
    return np.stack([z.imag, z.real], axis=-1).reshape(n_pos, d_model)


# add_positional_encoding: mistakes


@mistake(
    "add_positional_encoding",
    hint="You add the whole table, which fails when it is longer than the text. Take only as many rows as "
    "there are tokens.",
)
def whole_table(x, pe):
    return x + pe


@mistake(
    "add_positional_encoding",
    hint="You count rows with the first axis of x. That is right for a single text, but in a batch the "
    "first axis counts the texts. On which axis do the tokens of one text lie?",
)
def length_from_first_axis(x, pe):
    return x + pe[: x.shape[0]]


@mistake(
    "add_positional_encoding",
    hint="In a batch, your position counts the texts and not the tokens: every token of a text gets the "
    "same vector. The first token of every text should get row 0.",
    source="https://github.com/AkiRusProd/numpy-transformer/issues/1",
)
def position_along_the_batch(x, pe):
    rows = pe[: x.shape[0]]
    return x + rows.reshape(len(rows), *[1] * (x.ndim - 2), -1)


@mistake(
    "add_positional_encoding",
    hint="You read the number of tokens from axis 1. That fits a batch of shape (batch, n, d); for a "
    "single text of shape (n, d) it is the width. Count axes from the end.",
)
def length_from_axis_one(x, pe):
    return x + pe[: x.shape[1]]


@mistake(
    "add_positional_encoding",
    hint="You write into x itself, so the caller's embeddings have changed too. Return a new array.",
)
def changes_x_in_place(x, pe):
    x += pe[: x.shape[-2]]
    return x


@mistake(
    "add_positional_encoding",
    hint="You take the last rows of the table. The first token is at position 0, which is the first row.",
)
def last_rows(x, pe):
    return x + pe[len(pe) - x.shape[-2] :]


@mistake(
    "add_positional_encoding",
    hint="You start with row 1 of the table. Positions are counted from 0.",
)
def starts_at_row_one(x, pe):
    n = x.shape[-2]
    return x + pe[1 : n + 1]


@mistake(
    "add_positional_encoding",
    hint="All tokens get one and the same vector, that of the text's last position. Each token needs the "
    "row of its own position.",
)
def one_row_for_all(x, pe):
    return x + pe[x.shape[-2] - 1]


@mistake(
    "add_positional_encoding",
    hint="You multiply by the position vectors. They are added: multiplying would wipe out the meaning "
    "wherever a sine is 0.",
)
def multiplied(x, pe):
    return x * pe[: x.shape[-2]]


@mistake(
    "add_positional_encoding",
    hint="You put the position vectors beside the embeddings, which doubles the width. Here the two are "
    "summed, and the shape stays as it is.",
)
def concatenated(x, pe):
    rows = np.broadcast_to(pe[: x.shape[-2]], x.shape)
    return np.concatenate([x, rows], axis=-1)


@mistake(
    "add_positional_encoding",
    hint="You scale the embeddings by the root of d before adding. The paper does that in its embedding "
    "layer (section 3.4); this function only adds.",
)
def scales_embeddings_too(x, pe):
    return x * np.sqrt(x.shape[-1]) + pe[: x.shape[-2]]


@mistake(
    "add_positional_encoding",
    hint="You return the position vectors alone. The embeddings got lost.",
)
def forgets_x(x, pe):
    return np.broadcast_to(pe[: x.shape[-2]], x.shape).copy()


# add_positional_encoding: right in another way


@right_another_way("add_positional_encoding")
def token_by_token(x, pe):
    result = np.empty(x.shape)
    for pos in range(x.shape[-2]):
        result[..., pos, :] = x[..., pos, :] + pe[pos]
    return result


@right_another_way("add_positional_encoding")
def rows_by_one_hot(x, pe):
    picker = np.eye(x.shape[-2], len(pe))
    return np.add(x, picker @ pe)


@right_another_way("add_positional_encoding")
def copy_then_add(x, pe):
    *_, n, d = x.shape
    result = x.copy().reshape(-1, n, d)
    for text in result:
        text += pe[:n]
    return result.reshape(x.shape)
