"""Known mistakes in `capstone`, and correct solutions in other styles."""

import math

import numpy as np

from autograder.author import mistake, right_another_way
from genai_course import kernels
from solutions.capstone import next_token_distribution

# --- next_token_distribution: the model in parts, so that a mistake can exchange one of them ---


def _softmax(z, axis=-1):
    """A stable softmax."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _positions(n, d):
    """Sines in even columns, cosines in odd ones."""
    angle = np.arange(n)[:, None] / 10000.0 ** (np.arange(0, d, 2) / d)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(n, d)


def _embed(ids, params):
    """Embeddings plus positions."""
    E = params["E"]
    return E[ids] + _positions(len(ids), E.shape[1])


def _norm(x, gamma, beta):
    """Layer norm of each row."""
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5) + beta


def _split(x, h):
    """(n, d) to (h, n, d / h)."""
    return x.reshape(len(x), h, -1).swapaxes(0, 1)


def _join(heads):
    """(h, n, d / h) to (n, d)."""
    return heads.swapaxes(0, 1).reshape(heads.shape[1], -1)


def _mix(Q, K, V, scale=None, mask=None):
    """Attention of each head, causal unless told otherwise."""
    n = Q.shape[-2]
    scores = Q @ K.swapaxes(-1, -2) / (np.sqrt(Q.shape[-1]) if scale is None else scale)
    scores = np.where(np.tri(n, dtype=bool) if mask is None else mask, scores, -np.inf)
    return _softmax(scores) @ V


def _attend(x, params, mix=_mix, split=_split, join=_join):
    """Multi-head self-attention."""
    Q, K, V = (split(x @ params[name], params["heads"]) for name in ("Wq", "Wk", "Wv"))
    return join(mix(Q, K, V)) @ params["Wo"]


def _network(x, params):
    """The feed-forward network."""
    return np.maximum(x @ params["W1"] + params["b1"], 0.0) @ params["W2"] + params["b2"]


def _block(x, params, attend=_attend, network=_network, norm=_norm):
    """The decoder block, post-norm."""
    x = norm(x + attend(x, params), params["gamma1"], params["beta1"])
    return norm(x + network(x, params), params["gamma2"], params["beta2"])


def _logits(ids, params, embed=_embed, **parts):
    """Logits of every position."""
    return _block(embed(ids, params), params, **parts) @ params["E"].T


def _model(ids, params, **parts):
    """The whole model, with some parts exchanged."""
    return _softmax(_logits(ids, params, **parts)[-1])


def _with(function, **options):
    """A part with some of its options set."""
    return lambda *arguments: function(*arguments, **options)


# --- next_token_distribution: embeddings and positions ---


@mistake(
    "next_token_distribution", hint="No positions are added: your model cannot tell where a token stands."
)
def positions_missing(ids, params):
    return _model(ids, params, embed=lambda ids, params: params["E"][ids])


@mistake(
    "next_token_distribution",
    hint="Your positions count from 1. The first token is at position 0, where all sines are 0 and all "
    "cosines 1.",
)
def positions_from_one(ids, params):
    def embed(ids, params):
        E = params["E"]
        return E[ids] + _positions(len(ids) + 1, E.shape[1])[1:]

    return _model(ids, params, embed=embed)


@mistake(
    "next_token_distribution",
    hint="Your positions count backwards, from the last token. They count from the first.",
)
def positions_from_the_end(ids, params):
    def embed(ids, params):
        E = params["E"]
        return E[ids] + _positions(len(ids), E.shape[1])[::-1]

    return _model(ids, params, embed=embed)


@mistake(
    "next_token_distribution",
    hint="All sines come first in your encoding, then all cosines. They take turns: even columns, odd "
    "columns.",
    source="https://github.com/tensorflow/tensor2tensor/issues/391",
)
def sines_then_cosines(ids, params):
    def embed(ids, params):
        E = params["E"]
        encoding = _positions(len(ids), E.shape[1])
        return E[ids] + np.concatenate([encoding[:, 0::2], encoding[:, 1::2]], axis=1)

    return _model(ids, params, embed=embed)


@mistake(
    "next_token_distribution",
    hint="Sine and cosine have changed places: the even columns are the sines.",
)
def cosines_first(ids, params):
    def embed(ids, params):
        E = params["E"]
        encoding = _positions(len(ids), E.shape[1])
        return E[ids] + np.stack([encoding[:, 1::2], encoding[:, 0::2]], axis=-1).reshape(encoding.shape)

    return _model(ids, params, embed=embed)


@mistake(
    "next_token_distribution",
    hint="The 2i of the exponent is doubled: your index over the even columns is 2i already.",
    source="https://github.com/SamLynnEvans/Transformer/issues/25",
)
def exponent_doubled(ids, params):
    def embed(ids, params):
        E = params["E"]
        n, d = len(ids), E.shape[1]
        angle = np.arange(n)[:, None] / 10000.0 ** (2 * np.arange(0, d, 2) / d)
        return E[ids] + np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(n, d)

    return _model(ids, params, embed=embed)


@mistake(
    "next_token_distribution",
    hint="The exponent is i / d rather than 2i / d, where i counts pairs of columns.",
)
def exponent_halved(ids, params):
    def embed(ids, params):
        E = params["E"]
        n, d = len(ids), E.shape[1]
        angle = np.arange(n)[:, None] / 10000.0 ** (np.arange(d // 2) / d)
        return E[ids] + np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(n, d)

    return _model(ids, params, embed=embed)


@mistake(
    "next_token_distribution",
    hint="Every column of your encoding has an angle of its own. A sine and the cosine beside it share one.",
)
def an_angle_for_each_column(ids, params):
    def embed(ids, params):
        E = params["E"]
        n, d = len(ids), E.shape[1]
        angle = np.arange(n)[:, None] / 10000.0 ** (np.arange(d) / d)
        return E[ids] + np.where(np.arange(d) % 2 == 0, np.sin(angle), np.cos(angle))

    return _model(ids, params, embed=embed)


@mistake(
    "next_token_distribution",
    hint="You multiply the embeddings by the root of d, as Vaswani et al. do. This model was trained "
    "without that: embeddings and positions are added as they are.",
)
def embeddings_scaled(ids, params):
    def embed(ids, params):
        E = params["E"]
        return E[ids] * np.sqrt(E.shape[1]) + _positions(len(ids), E.shape[1])

    return _model(ids, params, embed=embed)


@mistake(
    "next_token_distribution",
    hint="Your model sees the last token only. It should see all of them.",
    source="https://github.com/Lightning-AI/litgpt/issues/701",
)
def last_token_only(ids, params):
    return _model(ids[-1:], params)


# --- next_token_distribution: attention ---


@mistake(
    "next_token_distribution",
    hint="Your scores are divided by the root of d. Each head has d/h columns, and its own root.",
    source="https://github.com/omihub777/ViT-CIFAR/pull/11",
)
def scale_of_the_whole_width(ids, params):
    mix = _with(_mix, scale=np.sqrt(params["E"].shape[1]))
    return _model(ids, params, attend=_with(_attend, mix=mix))


@mistake(
    "next_token_distribution",
    hint="Your scores are divided by the root of the number of heads. It is the number of columns of a "
    "head that counts.",
    source="https://github.com/tenstorrent/tt-metal/pull/56789",
)
def scale_of_the_number_of_heads(ids, params):
    mix = _with(_mix, scale=np.sqrt(params["heads"]))
    return _model(ids, params, attend=_with(_attend, mix=mix))


@mistake(
    "next_token_distribution",
    hint="The scores are not divided by anything before the softmax. What belongs there?",
    source="https://github.com/PAIR-code/tiny-transformers/issues/71",
)
def scale_missing(ids, params):
    return _model(ids, params, attend=_with(_attend, mix=_with(_mix, scale=1.0)))


@mistake(
    "next_token_distribution",
    hint="The scores are divided by d/h itself. Something is missing around it.",
    source="https://github.com/delzac/cntkx/issues/10",
)
def scale_without_root(ids, params):
    mix = _with(_mix, scale=params["E"].shape[1] / params["heads"])
    return _model(ids, params, attend=_with(_attend, mix=mix))


@mistake(
    "next_token_distribution",
    hint="You attend with one large head. The columns belong to h heads, each with its own softmax.",
)
def one_head_for_all(ids, params):
    return _model(ids, params | {"heads": 1})


@mistake(
    "next_token_distribution",
    hint="You reshape straight to (h, n, d/h), which cuts through tokens. Cut the columns first, then let "
    "the axes of tokens and heads change places.",
    source="https://github.com/hyunwoongko/transformer/issues/15",
)
def heads_cut_through_tokens(ids, params):
    def split(x, h):
        return x.reshape(h, len(x), -1)

    return _model(ids, params, attend=_with(_attend, split=split))


@mistake(
    "next_token_distribution",
    hint="After attention you reshape (h, n, d/h) straight to (n, d). The axes of heads and tokens have "
    "to change places again before that.",
    source="https://github.com/jsbaan/transformer-from-scratch/pull/6",
)
def heads_joined_through_tokens(ids, params):
    def join(heads):
        return heads.reshape(heads.shape[1], -1)

    return _model(ids, params, attend=_with(_attend, join=join))


@mistake(
    "next_token_distribution",
    hint="Your heads take every h-th column. Head j takes neighbouring columns: j d/h to (j + 1) d/h - 1.",
)
def heads_take_every_hth_column(ids, params):
    def split(x, h):
        return x.reshape(len(x), -1, h).transpose(2, 0, 1)

    return _model(ids, params, attend=_with(_attend, split=split))


@mistake(
    "next_token_distribution",
    hint="The outputs of your heads are added up or averaged. They are put side by side.",
    source="https://github.com/awf/functional-transformer/issues/8",
)
def heads_added_up(ids, params):
    def join(heads):
        return np.tile(heads.sum(axis=0), (1, len(heads)))

    return _model(ids, params, attend=_with(_attend, join=join))


@mistake(
    "next_token_distribution",
    hint="Wo is not used. The heads, side by side, go through one more matrix.",
    source="https://github.com/Kyubyong/transformer/issues/117",
)
def output_matrix_missing(ids, params):
    return _model(ids, params | {"Wo": np.eye(len(params["Wo"]))})


@mistake(
    "next_token_distribution",
    hint="You apply the attention's matrices transposed, as x W.T. Here they are applied as x W.",
)
def matrices_transposed(ids, params):
    return _model(ids, params | {name: params[name].T for name in ("Wq", "Wk", "Wv", "Wo")})


@mistake(
    "next_token_distribution",
    hint="Queries and keys have changed places: Wq makes the queries, of the token that looks.",
)
def queries_and_keys_exchanged(ids, params):
    return _model(ids, params | {"Wq": params["Wk"], "Wk": params["Wq"]})


@mistake(
    "next_token_distribution",
    hint="You mix the keys. The weights tell how to mix the values, made with Wv.",
)
def keys_mixed(ids, params):
    return _model(ids, params | {"Wv": params["Wk"]})


@mistake(
    "next_token_distribution",
    hint="You mix the rows of X themselves. The values are X Wv.",
)
def values_without_matrix(ids, params):
    return _model(ids, params | {"Wv": np.eye(len(params["Wv"]))})


@mistake(
    "next_token_distribution",
    hint="Tokens may not attend to themselves in your model. The diagonal of the mask belongs in.",
    source="https://github.com/pbloem/former/issues/10",
)
def diagonal_hidden(ids, params):
    mask = np.tri(len(ids), k=-1, dtype=bool)
    mask[0, 0] = True  # the first token would be left with nothing
    return _model(ids, params, attend=_with(_attend, mix=_with(_mix, mask=mask)))


@mistake(
    "next_token_distribution",
    hint="Your mask hides the past and shows the future, so that the last token sees nothing but itself.",
    source="https://github.com/marin-community/levanter/pull/102",
)
def past_hidden(ids, params):
    mask = np.tri(len(ids), dtype=bool).T
    return _model(ids, params, attend=_with(_attend, mix=_with(_mix, mask=mask)))


@mistake(
    "next_token_distribution",
    hint="Your attention's softmax runs over the queries. For each query, the weights of its keys add up "
    "to 1.",
    source="https://github.com/labmlai/annotated_deep_learning_paper_implementations/issues/146",
)
def softmax_over_queries(ids, params):
    def mix(Q, K, V):
        scores = Q @ K.swapaxes(-1, -2) / np.sqrt(Q.shape[-1])
        return _softmax(np.where(np.tri(Q.shape[-2], dtype=bool), scores, -np.inf), axis=-2) @ V

    return _model(ids, params, attend=_with(_attend, mix=mix))


@mistake(
    "next_token_distribution",
    hint="Your attention's softmax overflows when scores are large: subtract each row's largest score first.",
    source="https://github.com/pytorch/executorch/pull/18407",
)
def scores_overflow(ids, params):
    def mix(Q, K, V):
        scores = Q @ K.swapaxes(-1, -2) / np.sqrt(Q.shape[-1])
        e = np.where(np.tri(Q.shape[-2], dtype=bool), np.exp(scores), 0.0)
        return e / e.sum(axis=-1, keepdims=True) @ V

    with np.errstate(all="ignore"):
        return _model(ids, params, attend=_with(_attend, mix=mix))


@mistake(
    "next_token_distribution",
    hint="There is no attention in your model: the last token cannot learn anything from those before it.",
)
def attention_missing(ids, params):
    return _model(ids, params, attend=lambda x, params: 0.0)


# --- next_token_distribution: sums, norms and the network ---


@mistake(
    "next_token_distribution",
    hint="The first sum is missing: LayerNorm gets the attention's output alone, and not X + A.",
    source="https://github.com/OpenNMT/OpenNMT-py/issues/1689",
)
def first_residual_missing(ids, params):
    return _model(ids, params, attend=lambda x, params: _attend(x, params) - x)


@mistake(
    "next_token_distribution",
    hint="The second sum is missing: LayerNorm gets the network's output alone, and not Y + F.",
)
def second_residual_missing(ids, params):
    return _model(ids, params, network=lambda x, params: _network(x, params) - x)


@mistake(
    "next_token_distribution",
    hint="You normalise before attention and before the network (pre-norm), and add afterwards. Here the "
    "norm comes after the sum.",
    source="https://github.com/harvardnlp/annotated-transformer/issues/1",
)
def pre_norm(ids, params):
    x = _embed(ids, params)
    x = x + _attend(_norm(x, params["gamma1"], params["beta1"]), params)
    x = x + _network(_norm(x, params["gamma2"], params["beta2"]), params)
    return _softmax(x[-1] @ params["E"].T)


@mistake(
    "next_token_distribution",
    hint="You normalise what attention and the network give, and add it afterwards. The norm comes after "
    "the sum.",
    source="https://github.com/harvardnlp/annotated-transformer/issues/110",
)
def norm_before_the_sum(ids, params):
    x = _embed(ids, params)
    x = x + _norm(_attend(x, params), params["gamma1"], params["beta1"])
    x = x + _norm(_network(x, params), params["gamma2"], params["beta2"])
    return _softmax(x[-1] @ params["E"].T)


@mistake("next_token_distribution", hint="The first layer norm, after attention, is missing.")
def first_norm_missing(ids, params):
    x = _embed(ids, params)
    x = x + _attend(x, params)
    x = _norm(x + _network(x, params), params["gamma2"], params["beta2"])
    return _softmax(x[-1] @ params["E"].T)


@mistake("next_token_distribution", hint="The second layer norm, after the network, is missing.")
def second_norm_missing(ids, params):
    x = _embed(ids, params)
    x = _norm(x + _attend(x, params), params["gamma1"], params["beta1"])
    return _softmax((x + _network(x, params))[-1] @ params["E"].T)


@mistake(
    "next_token_distribution",
    hint="Both of your layer norms use gamma1 and beta1. The second one has its own.",
)
def first_norm_used_twice(ids, params):
    return _model(ids, params | {"gamma2": params["gamma1"], "beta2": params["beta1"]})


@mistake(
    "next_token_distribution",
    hint="The two layer norms have changed places: gamma1 and beta1 belong to the one after attention.",
)
def norms_exchanged(ids, params):
    swapped = {f"{name}{3 - i}": params[f"{name}{i}"] for name in ("gamma", "beta") for i in (1, 2)}
    return _model(ids, params | swapped)


@mistake("next_token_distribution", hint="Your layer norm forgets gamma and beta.")
def gamma_and_beta_missing(ids, params):
    return _model(ids, params, norm=lambda x, gamma, beta: _norm(x, 1.0, 0.0))


@mistake("next_token_distribution", hint="Your layer norm forgets beta, or adds it to nothing.")
def beta_missing(ids, params):
    return _model(ids, params, norm=lambda x, gamma, beta: _norm(x, gamma, 0.0))


@mistake(
    "next_token_distribution",
    hint="Your layer norm uses the variance with d - 1 in the denominator. It is the mean of the squares, "
    "with d.",
    source="https://github.com/harvardnlp/annotated-transformer/pull/119",
)
def unbiased_variance(ids, params):
    def norm(x, gamma, beta):
        var = x.var(axis=-1, keepdims=True, ddof=1)
        return gamma * (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(var + 1e-5) + beta

    return _model(ids, params, norm=norm)


@mistake(
    "next_token_distribution",
    hint="Your layer norm adds epsilon to the standard deviation. It is added to the variance, inside the "
    "root.",
    source="https://github.com/hyunwoongko/transformer/issues/7",
)
def epsilon_outside_the_root(ids, params):
    def norm(x, gamma, beta):
        return gamma * (x - x.mean(axis=-1, keepdims=True)) / (x.std(axis=-1, keepdims=True) + 1e-5) + beta

    return _model(ids, params, norm=norm)


@mistake(
    "next_token_distribution",
    hint="Epsilon is missing in your layer norm, or too small to matter. It is 1e-5.",
)
def epsilon_missing(ids, params):
    def norm(x, gamma, beta):
        return (
            gamma * (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-12)
            + beta
        )

    return _model(ids, params, norm=norm)


@mistake(
    "next_token_distribution",
    hint="Your layer norm divides by the variance. Its root is missing.",
)
def divided_by_variance(ids, params):
    def norm(x, gamma, beta):
        return gamma * (x - x.mean(axis=-1, keepdims=True)) / (x.var(axis=-1, keepdims=True) + 1e-5) + beta

    return _model(ids, params, norm=norm)


@mistake(
    "next_token_distribution",
    hint="Your layer norm runs over the tokens. It runs over the d columns of each token's row.",
)
def norm_over_tokens(ids, params):
    def norm(x, gamma, beta):
        return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) + beta

    return _model(ids, params, norm=norm)


@mistake(
    "next_token_distribution",
    hint="Your layer norm takes mean and variance of the whole array. Each row has its own.",
)
def norm_over_everything(ids, params):
    def norm(x, gamma, beta):
        return gamma * (x - x.mean()) / np.sqrt(x.var() + 1e-5) + beta

    return _model(ids, params, norm=norm)


@mistake(
    "next_token_distribution",
    hint="ReLU is missing: without it the two layers of the network are no more than one.",
)
def relu_missing(ids, params):
    def network(x, params):
        return (x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]

    return _model(ids, params, network=network)


@mistake(
    "next_token_distribution",
    hint="Your network uses GELU, as GPT-2 does. This model has ReLU: max(0, x).",
)
def gelu_for_relu(ids, params):
    def network(x, params):
        y = x @ params["W1"] + params["b1"]
        erf = np.array([math.erf(value) for value in (y / math.sqrt(2)).ravel()]).reshape(y.shape)
        return y * (1 + erf) / 2 @ params["W2"] + params["b2"]

    return _model(ids, params, network=network)


@mistake(
    "next_token_distribution",
    hint="ReLU is applied to the output of the network. It belongs between the two layers.",
)
def relu_at_the_end(ids, params):
    def network(x, params):
        return np.maximum((x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"], 0.0)

    return _model(ids, params, network=network)


@mistake("next_token_distribution", hint="ReLU comes before b1 is added. It is max(0, Y W1 + b1).")
def relu_before_the_bias(ids, params):
    def network(x, params):
        return (np.maximum(x @ params["W1"], 0.0) + params["b1"]) @ params["W2"] + params["b2"]

    return _model(ids, params, network=network)


@mistake("next_token_distribution", hint="The bias b1 of the network is missing.")
def first_bias_missing(ids, params):
    return _model(ids, params | {"b1": np.zeros_like(params["b1"])})


@mistake("next_token_distribution", hint="The bias b2 of the network is missing.")
def second_bias_missing(ids, params):
    return _model(ids, params | {"b2": np.zeros_like(params["b2"])})


@mistake("next_token_distribution", hint="The feed-forward network is missing.")
def network_missing(ids, params):
    return _model(ids, params, network=lambda x, params: 0.0)


# --- next_token_distribution: the output ---


@mistake(
    "next_token_distribution",
    hint="You read the answer at the first position. The last row predicts the next token.",
)
def first_position(ids, params):
    return _softmax(_logits(ids, params)[0])


@mistake(
    "next_token_distribution",
    hint="You average over all positions before the output layer. Only the last row predicts the next token.",
)
def mean_over_positions(ids, params):
    return _softmax(_logits(ids, params).mean(axis=0))


@mistake(
    "next_token_distribution",
    hint="You return a distribution for every position. The last one is wanted, of shape (V,).",
)
def every_position(ids, params):
    return _softmax(_logits(ids, params))


@mistake(
    "next_token_distribution", hint="Your result has a leading axis of length 1. The shape should be (V,)."
)
def leading_axis(ids, params):
    return _model(ids, params)[None, :]


@mistake("next_token_distribution", hint="You return logits. The last softmax is missing.")
def logits_returned(ids, params):
    return _logits(ids, params)[-1]


@mistake("next_token_distribution", hint="You return logarithms of the probabilities, not the probabilities.")
def logarithms_returned(ids, params):
    z = _logits(ids, params)[-1]
    return z - z.max() - np.log(np.exp(z - z.max()).sum())


@mistake(
    "next_token_distribution",
    hint="Your logits are divided by the root of d, as if they were attention scores.",
)
def logits_scaled(ids, params):
    return _softmax(_logits(ids, params)[-1] / np.sqrt(params["E"].shape[1]))


@mistake(
    "next_token_distribution",
    hint="The last softmax overflows for large logits: subtract the largest one first.",
    source="https://github.com/pytorch/executorch/pull/18407",
)
def logits_overflow(ids, params):
    with np.errstate(all="ignore"):
        e = np.exp(_logits(ids, params)[-1])
        return e / e.sum()


@mistake("next_token_distribution", hint="You return a list. A NumPy array is wanted.")
def list_returned(ids, params):
    return _model(ids, params).tolist()


@mistake(
    "next_token_distribution",
    hint="The model computes in single precision. Keep everything in float64.",
)
def single_precision(ids, params):
    return _model(ids, params).astype(np.float32)


@mistake(
    "next_token_distribution",
    hint="The result is right, but you scale Wq in place, and the model is another one with every call. "
    "Write a / b rather than a /= b.",
)
def scales_queries_in_place(ids, params):
    p = _model(ids, params)
    params["Wq"] /= np.sqrt(params["E"].shape[1] / params["heads"])
    return p


@mistake(
    "next_token_distribution",
    hint="The result is right, but you take `heads` out of the dictionary, and the next call will not "
    "find it.",
)
def heads_popped(ids, params):
    h = params.pop("heads")
    return _model(ids, params | {"heads": h})


# --- next_token_distribution: right in another way ---


@right_another_way("next_token_distribution")
def token_by_token(ids, params):
    E, h = params["E"], params["heads"]
    d = E.shape[1]
    width = d // h
    rows = []
    for position, token in enumerate(ids):
        encoding = np.zeros(d)
        for i in range(d // 2):
            encoding[2 * i] = math.sin(position / 10000 ** (2 * i / d))
            encoding[2 * i + 1] = math.cos(position / 10000 ** (2 * i / d))
        rows.append(E[token] + encoding)
    last = rows[-1]
    parts = []
    for j in range(h):
        columns = slice(j * width, (j + 1) * width)
        q = (last @ params["Wq"])[columns]
        scores = [q @ (row @ params["Wk"])[columns] / math.sqrt(width) for row in rows]
        e = [math.exp(score - max(scores)) for score in scores]
        mixed = sum(
            weight / sum(e) * (row @ params["Wv"])[columns] for weight, row in zip(e, rows, strict=True)
        )
        parts.append(mixed)

    def norm(x, gamma, beta):
        mean = sum(x) / d
        var = sum((value - mean) ** 2 for value in x) / d
        return np.array(
            [g * (v - mean) / math.sqrt(var + 1e-5) + b for v, g, b in zip(x, gamma, beta, strict=True)]
        )

    y = norm(last + np.concatenate(parts) @ params["Wo"], params["gamma1"], params["beta1"])
    hidden = [max(0.0, value) for value in y @ params["W1"] + params["b1"]]
    z = norm(y + np.array(hidden) @ params["W2"] + params["b2"], params["gamma2"], params["beta2"])
    logits = E @ z
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


@right_another_way("next_token_distribution")
def without_a_mask(ids, params):
    # One block, read at its last row: what the other rows may see makes no difference.
    return _model(ids, params, attend=_with(_attend, mix=_with(_mix, mask=True)))


@right_another_way("next_token_distribution")
def with_kernels(ids, params):
    def mix(Q, K, V):
        return kernels.attention(Q, K, V, causal=True)

    def norm(x, gamma, beta):
        centred = x - np.mean(x, axis=1, keepdims=True)
        return centred * (gamma / np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + 1e-5)) + beta

    x = _block(_embed(np.array(ids), params), params, attend=_with(_attend, mix=mix), norm=norm)
    return np.exp(kernels.log_softmax(kernels.matmul(x, params["E"].T))[-1])


@right_another_way("next_token_distribution")
def one_hot_and_einsum(ids, params):
    V, d = params["E"].shape
    h = params["heads"]
    x = np.eye(V)[ids] @ params["E"] + _positions(len(ids) + 5, d)[: len(ids)]
    cut = {name: params[name].reshape(d, h, d // h) for name in ("Wq", "Wk", "Wv")}
    Q, K, values = (np.einsum("nd,dhw->hnw", x, cut[name]) for name in ("Wq", "Wk", "Wv"))
    scores = np.einsum("hnw,hmw->hnm", Q * (d // h) ** -0.5, K)
    scores += np.triu(np.full((len(ids), len(ids)), -1e9), k=1)
    heads = np.einsum("hnm,hmw->hnw", _softmax(scores), values)
    attended = np.einsum("hnw,hwd->nd", heads, params["Wo"].reshape(h, d // h, d))
    x = _norm(x + attended, params["gamma1"], params["beta1"])
    x = _norm(x + _network(x, params), params["gamma2"], params["beta2"])
    return _softmax(np.einsum("d,vd->v", x[-1], params["E"]))


# --- generate ---


def _next(ids, params):
    """The most probable next token."""
    return int(np.argmax(next_token_distribution(ids, params)))


def _greedy(ids, params, max_new, eos):
    """As it should be."""
    text = list(ids)
    for _ in range(max_new):
        text.append(_next(text, params))
        if text[-1] == eos:
            break
    return text


@mistake(
    "generate",
    hint="You return only the new tokens. The result begins with the prompt.",
)
def prompt_left_out(ids, params, max_new, eos):
    return _greedy(ids, params, max_new, eos)[len(ids) :]


@mistake(
    "generate",
    hint="The eos that ends the text is missing from it. It belongs to the result.",
    source="https://github.com/OpenNMT/CTranslate2/pull/1096",
)
def eos_left_out(ids, params, max_new, eos):
    text = list(ids)
    for _ in range(max_new):
        token = _next(text, params)
        if token == eos:
            break
        text.append(token)
    return text


@mistake(
    "generate",
    hint="Nothing ever stops your text before max_new. It ends with the first eos.",
    source="https://github.com/lvyufeng/PocketLLM/pull/133",
)
def never_stops(ids, params, max_new, eos):
    text = list(ids)
    for _ in range(max_new):
        text.append(_next(text, params))
    return text


@mistake(
    "generate",
    hint="You look for eos one token too late: after eos another token is added.",
)
def stops_one_later(ids, params, max_new, eos):
    text = list(ids)
    for step in range(max_new):
        token = _next(text, params)
        done = step > 0 and text[-1] == eos
        text.append(token)
        if done:
            break
    return text


@mistake(
    "generate",
    hint="An eos in the prompt ends your text before it has begun, or early. Only a new one does.",
)
def eos_in_the_prompt(ids, params, max_new, eos):
    text = list(ids)
    for _ in range(max_new):
        if eos in text:
            break
        text.append(_next(text, params))
    return text


@mistake(
    "generate",
    hint="You count max_new as the length of the whole text. It counts the new tokens only.",
    source="https://github.com/huggingface/transformers/issues/22084",
)
def length_with_the_prompt(ids, params, max_new, eos):
    return _greedy(ids, params, max(max_new - len(ids), 0), eos)


@mistake(
    "generate",
    hint="You add one token fewer than allowed.",
    source="https://github.com/simpx/buildyourownllm/issues/1",
)
def one_token_fewer(ids, params, max_new, eos):
    return _greedy(ids, params, max_new - 1, eos)


@mistake(
    "generate",
    hint="You add one token more than allowed: check the number before you add, not afterwards.",
)
def one_token_more(ids, params, max_new, eos):
    return _greedy(ids, params, max_new + 1, eos)


@mistake(
    "generate",
    hint="You ask for at least one token, also when max_new is 0.",
)
def at_least_one(ids, params, max_new, eos):
    return _greedy(ids, params, max(max_new, 1), eos)


@mistake(
    "generate",
    hint="You give the model only the last token each time, so it forgets everything before.",
    source="https://github.com/Lightning-AI/litgpt/issues/701",
)
def context_forgotten(ids, params, max_new, eos):
    text = list(ids)
    for _ in range(max_new):
        text.append(_next(text[-1:], params))
        if text[-1] == eos:
            break
    return text


@mistake(
    "generate",
    hint="You give the model the prompt each time, without what it has said so far, so it repeats itself.",
)
def own_words_forgotten(ids, params, max_new, eos):
    text = list(ids)
    for _ in range(max_new):
        text.append(_next(ids, params))
        if text[-1] == eos:
            break
    return text


@mistake(
    "generate",
    hint="You give the model only its own new tokens after the first step, without the prompt.",
)
def prompt_forgotten(ids, params, max_new, eos):
    new = []
    for _ in range(max_new):
        new.append(_next(new or ids, params))
        if new[-1] == eos:
            break
    return list(ids) + new


@mistake(
    "generate",
    hint="You ask the model once and take its tokens in the order of their probability. Each new token "
    "needs a new question.",
)
def ranking_of_one_answer(ids, params, max_new, eos):
    text = list(ids)
    for token in np.argsort(-next_token_distribution(text, params)).tolist()[:max_new]:
        text.append(token)
        if token == eos:
            break
    return text


@mistake("generate", hint="You take the least probable token. Greedy means the most probable one.")
def least_probable(ids, params, max_new, eos):
    text = list(ids)
    for _ in range(max_new):
        text.append(int(np.argmin(next_token_distribution(text, params))))
        if text[-1] == eos:
            break
    return text


@mistake(
    "generate",
    hint="New tokens come in at the front of the text, so that the model reads it backwards.",
)
def new_tokens_in_front(ids, params, max_new, eos):
    text = list(ids)
    for _ in range(max_new):
        text.insert(0, _next(text, params))
        if text[0] == eos:
            break
    return text


@mistake(
    "generate",
    hint="Only the last few tokens of the prompt are used. The model should see all of them.",
)
def window_too_small(ids, params, max_new, eos):
    text = list(ids)
    for _ in range(max_new):
        text.append(_next(text[-8:], params))
        if text[-1] == eos:
            break
    return text


@mistake(
    "generate",
    hint="You stop at token 0, whichever token eos is.",
)
def stops_at_token_zero(ids, params, max_new, eos):
    return _greedy(ids, params, max_new, 0)


@mistake(
    "generate",
    hint="You stop when a token repeats the one before. Only eos ends a text.",
)
def stops_at_a_repetition(ids, params, max_new, eos):
    text = list(ids)
    for _ in range(max_new):
        token = _next(text, params)
        if token == text[-1]:
            break
        text.append(token)
        if token == eos:
            break
    return text


@mistake(
    "generate",
    hint="You append to the list that was given, so the caller's prompt has grown. Copy it first.",
)
def prompt_grows(ids, params, max_new, eos):
    for _ in range(max_new):
        ids.append(_next(ids, params))
        if ids[-1] == eos:
            break
    return ids


@mistake(
    "generate",
    hint="The new tokens are NumPy numbers, as argmax gives them. Python ints are wanted.",
)
def numpy_numbers(ids, params, max_new, eos):
    text = list(ids)
    for _ in range(max_new):
        text.append(np.argmax(next_token_distribution(text, params)))
        if text[-1] == eos:
            break
    return text


@mistake("generate", hint="You return a NumPy array. A list of Python ints is wanted.")
def array_returned(ids, params, max_new, eos):
    return np.array(_greedy(ids, params, max_new, eos))


# --- generate: right in another way ---


@right_another_way("generate")
def by_recursion(ids, params, max_new, eos):
    def continued(text, left):
        if left == 0:
            return text
        token = next_token_distribution(text, params).argmax().item()
        return [*text, token] if token == eos else continued([*text, token], left - 1)

    return continued(list(ids), max_new)


@right_another_way("generate")
def while_loop(ids, params, max_new, eos):
    new = []
    while len(new) < max_new and (not new or new[-1] != eos):
        p = next_token_distribution(ids + new, params).tolist()
        new = new + [p.index(max(p))]
    return ids + new


@right_another_way("generate")
def with_an_array(ids, params, max_new, eos):
    text = np.array(ids)
    for _ in range(max_new):
        token = np.argmax(next_token_distribution(text.tolist(), params))
        text = np.append(text, token)
        if token == eos:
            break
    return [int(token) for token in text]
