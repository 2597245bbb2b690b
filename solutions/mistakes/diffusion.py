"""Known mistakes and alternative solutions of the topic `diffusion`."""

import math

import numpy as np

from autograder.author import mistake, right_another_way
from solutions.diffusion import reverse_step

# ---------------------------------------------------------------------------------------------- forward_step


@mistake(
    "forward_step",
    hint="The noise comes out too weak: it is multiplied by beta. Beta is a variance; which number do you "
    "multiply standard noise by to give it that variance?",
    source="acids-ircam/diffusion_models#1, huggingface/diffusion-models-class#63",
)
def variance_for_sigma(x_prev, beta_t, eps):
    return np.sqrt(1 - beta_t) * x_prev + beta_t * eps


@mistake(
    "forward_step",
    hint="The noise is right, but the picture shrinks too much: its factor has a root as well.",
)
def signal_without_root(x_prev, beta_t, eps):
    return (1 - beta_t) * x_prev + np.sqrt(beta_t) * eps


@mistake(
    "forward_step",
    hint="Picture and noise are mixed like a blend of two images, in parts that add up to 1. Here the "
    "squares of the two factors add up to 1, so both have a root.",
)
def plain_blend(x_prev, beta_t, eps):
    return (1 - beta_t) * x_prev + beta_t * eps


@mistake(
    "forward_step",
    hint="Noise is added to the picture as it is. Without shrinking the picture the values grow with every "
    "step.",
)
def picture_not_shrunk(x_prev, beta_t, eps):
    return x_prev + np.sqrt(beta_t) * eps


@mistake(
    "forward_step",
    hint="The two factors stand in each other's place: with a small beta almost nothing of the picture is "
    "left.",
)
def factors_swapped(x_prev, beta_t, eps):
    return np.sqrt(beta_t) * x_prev + np.sqrt(1 - beta_t) * eps


@mistake(
    "forward_step",
    hint="The factor of the picture is 1 minus a root. The formula has the root of 1 minus something.",
)
def one_minus_root(x_prev, beta_t, eps):
    return (1 - np.sqrt(beta_t)) * x_prev + np.sqrt(beta_t) * eps


@mistake(
    "forward_step",
    hint="Beta is used as a standard deviation. In the lecture the variance of the noise is beta itself, "
    "not its square.",
)
def beta_as_deviation(x_prev, beta_t, eps):
    return np.sqrt(1 - beta_t**2) * x_prev + beta_t * eps


@mistake(
    "forward_step",
    hint="The picture shrinks but no noise arrives: eps is not used. The noise to add is given, already "
    "drawn.",
)
def no_noise(x_prev, beta_t, eps):
    return np.sqrt(1 - beta_t) * x_prev


@mistake(
    "forward_step",
    hint="The result is right, but the array x_prev that you were given has changed. Operators such as *= "
    "work in place; make a new array.",
)
def changes_x_prev(x_prev, beta_t, eps):
    x_prev *= np.sqrt(1 - beta_t)
    x_prev += np.sqrt(beta_t) * eps
    return x_prev


@right_another_way("forward_step")
def value_by_value(x_prev, beta_t, eps):
    keep, add = math.sqrt(1 - beta_t), math.sqrt(beta_t)
    values = [keep * x + add * e for x, e in zip(x_prev.ravel().tolist(), eps.ravel().tolist(), strict=True)]
    return np.array(values).reshape(x_prev.shape)


@right_another_way("forward_step")
def turned_by_an_angle(x_prev, beta_t, eps):
    angle = np.arcsin(np.sqrt(beta_t))
    return np.cos(angle) * x_prev + np.sin(angle) * eps


@right_another_way("forward_step")
def as_a_product_of_matrices(x_prev, beta_t, eps):
    factors = np.array([1 - beta_t, beta_t]) ** 0.5
    return np.tensordot(factors, np.stack([x_prev, eps]), axes=1)


# ------------------------------------------------------------------------------------------------- alpha_bar


@mistake(
    "alpha_bar",
    hint="The betas themselves are multiplied. What is left of the picture after a step is 1 - beta.",
    source="LuChengTHU/dpm-solver#13",
)
def product_of_betas(betas):
    return np.cumprod(betas)


@mistake(
    "alpha_bar",
    hint="Every entry is one step late: the first one is 1, as if nothing had happened yet. Index 0 holds "
    "what is left after the first step.",
    source="lucidrains/denoising-diffusion-pytorch#18",
)
def one_step_late(betas):
    return np.concatenate([[1.0], np.cumprod(1 - betas)])[: len(betas)]


@mistake(
    "alpha_bar",
    hint="The result has one entry too many: there is none for t = 0 here.",
)
def entry_for_time_zero(betas):
    return np.concatenate([[1.0], np.cumprod(1 - betas)])


@mistake(
    "alpha_bar",
    hint="Each entry knows its own step only. It should hold the product over all steps so far.",
    source="yang-song/score_sde_pytorch#73",
)
def no_product(betas):
    return 1 - betas


@mistake(
    "alpha_bar",
    hint="Your numbers grow: they are what has been lost, not what is left. Where does the 1 - belong?",
)
def share_of_noise(betas):
    return 1 - np.cumprod(1 - betas)


@mistake(
    "alpha_bar",
    hint="You took the root already. The product itself is asked for here; the root comes when a picture is "
    "multiplied.",
)
def root_taken_already(betas):
    return np.sqrt(np.cumprod(1 - betas))


@mistake(
    "alpha_bar",
    hint="The betas are added up. Shares that are left multiply: half of a half is a quarter, not nothing.",
)
def sum_for_product(betas):
    return 1 - np.cumsum(betas)


@mistake(
    "alpha_bar",
    hint="There is a single number where one for each step was asked for: keep the products on the way.",
)
def last_product_only(betas):
    return np.prod(1 - betas)


@mistake(
    "alpha_bar",
    hint="The products run from the last step to the first. Begin at step 1.",
)
def from_the_far_end(betas):
    return np.cumprod((1 - betas)[::-1])[::-1]


@mistake(
    "alpha_bar",
    hint="It works for every schedule with steps, but one without any makes it fail. Begin from an empty "
    "list, or from 1, rather than from the first entry.",
)
def fails_without_steps(betas):
    a = [1 - betas[0]]
    for beta in betas[1:]:
        a.append(a[-1] * (1 - beta))
    return np.array(a)


@mistake(
    "alpha_bar",
    hint="The result is right, but the schedule that you were given has changed: work on a new array.",
)
def changes_betas(betas):
    np.subtract(1, betas, out=betas)
    return np.cumprod(betas)


@right_another_way("alpha_bar")
def in_a_loop(betas):
    products, product = [], 1.0
    for beta in betas:
        product *= 1 - beta
        products.append(product)
    return np.array(products)


@right_another_way("alpha_bar")
def exp_of_summed_logs(betas):
    return np.exp(np.cumsum(np.log1p(-betas)))


@right_another_way("alpha_bar")
def each_product_anew(betas):
    a = np.empty(len(betas))
    for t in range(1, len(betas) + 1):
        a[t - 1] = np.prod(1 - betas[:t])
    return a


# -------------------------------------------------------------------------------------------------- q_sample


def _shaped(a, x):
    """Coefficients (B,) with as many axes of length 1 after the first as x has."""
    return np.reshape(a, np.shape(a) + (1,) * (x.ndim - 1))


def _left(t, betas):
    """The product for each time, and 1 for time 0."""
    return np.concatenate([[1.0], np.cumprod(1 - betas)])[t]


@mistake(
    "q_sample",
    hint="Each sample gets the coefficients of one step later. The product after t steps has the index t - "
    "1, because Python counts from 0.",
    source="jychoi118/ilvr_adm#13",
)
def one_step_too_far(x0, t, betas, eps):
    a = _shaped(np.cumprod(1 - betas)[t], x0)
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps


@mistake(
    "q_sample",
    hint="At t = 0 the index t - 1 is -1, and Python takes the last entry: the clean sample gets the most "
    "noise of all.",
)
def time_zero_wraps_around(x0, t, betas, eps):
    a = _shaped(np.cumprod(1 - betas)[t - 1], x0)
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps


@mistake(
    "q_sample",
    hint="The noise is multiplied by its variance. Standard noise needs the standard deviation, the root of "
    "that.",
    source="Ryota-Kawamura/How-Diffusion-Models-Work#1",
)
def noise_without_root(x0, t, betas, eps):
    a = _shaped(_left(t, betas), x0)
    return np.sqrt(a) * x0 + (1 - a) * eps


@mistake(
    "q_sample",
    hint="The picture fades too fast: its factor is the root of the product.",
)
def picture_without_root(x0, t, betas, eps):
    a = _shaped(_left(t, betas), x0)
    return a * x0 + np.sqrt(1 - a) * eps


@mistake(
    "q_sample",
    hint="All samples get the time of the first one. Each has a time of its own.",
)
def one_time_for_all(x0, t, betas, eps):
    a = _left(t[0], betas)
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps


@mistake(
    "q_sample",
    hint="The coefficients meet the last axis of x0: NumPy aligns shapes from the right. The times belong "
    "to the first axis.",
    source="IrisRainbowNeko/HCP-Diffusion#82",
)
def times_on_the_last_axis(x0, t, betas, eps):
    a = _left(t, betas)
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps


@mistake(
    "q_sample",
    hint="The coefficients get exactly one axis more, which is right for samples that are rows only. "
    "Pictures have more axes, single numbers have none.",
    source="jolibrain/joliGEN#527",
)
def shaped_for_rows_only(x0, t, betas, eps):
    a = _left(t, betas)[:, None]
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps


@mistake(
    "q_sample",
    hint="Only the last step's beta is used, as if the sample came from one step before. The way from x_0 "
    "takes all steps so far.",
)
def one_step_only(x0, t, betas, eps):
    a = _shaped(np.concatenate([[1.0], 1 - betas])[t], x0)
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps


@mistake(
    "q_sample",
    hint="The noise is multiplied by the picture: where x0 is dark, none arrives. Noise is added, whatever "
    "the picture.",
    source="blt2114/twisted_diffusion_sampler#3",
)
def noise_times_picture(x0, t, betas, eps):
    a = _shaped(_left(t, betas), x0)
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * x0 * eps


@mistake(
    "q_sample",
    hint="The factor of the noise is 1 minus a root. The formula has the root of 1 minus the product.",
)
def one_minus_the_root(x0, t, betas, eps):
    a = _shaped(_left(t, betas), x0)
    return np.sqrt(a) * x0 + (1 - np.sqrt(a)) * eps


@mistake(
    "q_sample",
    hint="The two factors stand in each other's place: near t = 0 the result should look like the picture.",
)
def picture_and_noise_swapped(x0, t, betas, eps):
    a = _shaped(_left(t, betas), x0)
    return np.sqrt(1 - a) * x0 + np.sqrt(a) * eps


@mistake(
    "q_sample",
    hint="The result is right, but x0 itself has changed: the clean samples are lost to whoever called you.",
)
def changes_x0(x0, t, betas, eps):
    a = _shaped(_left(t, betas), x0)
    x0 *= np.sqrt(a)
    x0 += np.sqrt(1 - a) * eps
    return x0


@mistake(
    "q_sample",
    hint="The result is right, but the times that you were given have changed: t -= 1 works in place, t - 1 "
    "makes a new array.",
)
def changes_t(x0, t, betas, eps):
    t -= 1
    a = _shaped(np.where(t < 0, 1.0, np.cumprod(1 - betas)[t]), x0)
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * eps


@right_another_way("q_sample")
def sample_by_sample(x0, t, betas, eps):
    x_t = np.empty(x0.shape)
    for b in range(len(x0)):
        a = np.prod(1 - betas[: t[b]])
        x_t[b] = np.sqrt(a) * x0[b] + np.sqrt(1 - a) * eps[b]
    return x_t


@right_another_way("q_sample")
def with_the_batch_last(x0, t, betas, eps):
    a = np.where(t > 0, np.cumprod(1 - betas)[t - 1], 1.0)
    return (x0.T * np.sqrt(a) + eps.T * np.sqrt(1 - a)).T


@right_another_way("q_sample")
def one_hot_lookup(x0, t, betas, eps):
    steps = np.arange(1, len(betas) + 1)
    log_a = (steps <= t[:, None]) @ np.log(1 - betas)
    a = np.exp(log_a)
    return np.einsum("b,b...->b...", a**0.5, x0) + np.einsum("b,b...->b...", (1 - a) ** 0.5, eps)


# ------------------------------------------------------------------------------------------------ predict_x0


@mistake(
    "predict_x0",
    hint="The division lacks its root: q_sample multiplied the picture by the root of the product.",
)
def division_without_root(x_t, t, betas, eps_hat):
    a = _shaped(_left(t, betas), x_t)
    return (x_t - np.sqrt(1 - a) * eps_hat) / a


@mistake(
    "predict_x0",
    hint="The noise that is taken away is weighed by its variance: a root is missing there.",
    source="jcwang-gh/classifier-free-diffusion-guidance-Pytorch#12",
)
def noise_taken_without_root(x_t, t, betas, eps_hat):
    a = _shaped(_left(t, betas), x_t)
    return (x_t - (1 - a) * eps_hat) / np.sqrt(a)


@mistake(
    "predict_x0",
    hint="All of the noise is still in the result: it is only scaled up. Without brackets, 1 - a / a is 0.",
    source="EDAPINENUT/GNTPP#2",
)
def noise_left_in(x_t, t, betas, eps_hat):
    a = _shaped(_left(t, betas), x_t)
    return np.sqrt(1 / a) * x_t - np.sqrt(1 - a / a) * eps_hat


@mistake(
    "predict_x0",
    hint="Only x_t is divided. The noise belongs inside the bracket, so that both parts are divided.",
)
def noise_not_divided(x_t, t, betas, eps_hat):
    a = _shaped(_left(t, betas), x_t)
    return x_t / np.sqrt(a) - np.sqrt(1 - a) * eps_hat


@mistake(
    "predict_x0",
    hint="In the short form the factor of the noise is the root of (1/a - 1). The 1 is subtracted under the "
    "root, not after it.",
    source="w86763777/pytorch-ddpm#8",
)
def root_ends_too_early(x_t, t, betas, eps_hat):
    a = _shaped(_left(t, betas), x_t)
    return np.sqrt(1 / a) * x_t - (np.sqrt(1 / a) - 1) * eps_hat


@mistake(
    "predict_x0",
    hint="The noise is added once more. It has to come off.",
)
def noise_added_again(x_t, t, betas, eps_hat):
    a = _shaped(_left(t, betas), x_t)
    return (x_t + np.sqrt(1 - a) * eps_hat) / np.sqrt(a)


@mistake(
    "predict_x0",
    hint="What is left after taking the noise away is made still smaller. The picture was shrunk, so undo "
    "that.",
)
def multiplied_for_divided(x_t, t, betas, eps_hat):
    a = _shaped(_left(t, betas), x_t)
    return (x_t - np.sqrt(1 - a) * eps_hat) * np.sqrt(a)


@mistake(
    "predict_x0",
    hint="Each sample is treated as one step later than it is. The product after t steps has the index t - "
    "1.",
    source="lucidrains/denoising-diffusion-pytorch#18",
)
def index_one_too_far(x_t, t, betas, eps_hat):
    a = _shaped(np.cumprod(1 - betas)[t], x_t)
    return (x_t - np.sqrt(1 - a) * eps_hat) / np.sqrt(a)


@mistake(
    "predict_x0",
    hint="At t = 0 the index t - 1 is -1, and Python takes the last entry. A sample at t = 0 is clean "
    "already.",
)
def clean_sample_wraps_around(x_t, t, betas, eps_hat):
    a = _shaped(np.cumprod(1 - betas)[t - 1], x_t)
    return (x_t - np.sqrt(1 - a) * eps_hat) / np.sqrt(a)


@mistake(
    "predict_x0",
    hint="All samples are treated as if they were at the time of the first one.",
)
def first_time_for_all(x_t, t, betas, eps_hat):
    a = _left(t[0], betas)
    return (x_t - np.sqrt(1 - a) * eps_hat) / np.sqrt(a)


@mistake(
    "predict_x0",
    hint="The coefficients meet the last axis of x_t: NumPy aligns shapes from the right. The times belong "
    "to the first axis.",
    source="IrisRainbowNeko/HCP-Diffusion#82",
)
def coefficients_on_the_last_axis(x_t, t, betas, eps_hat):
    a = _left(t, betas)
    return (x_t - np.sqrt(1 - a) * eps_hat) / np.sqrt(a)


@mistake(
    "predict_x0",
    hint="The coefficients get exactly one axis more, which is right for samples that are rows only. "
    "Pictures have more axes, single numbers have none.",
    source="jolibrain/joliGEN#527",
)
def coefficients_for_rows_only(x_t, t, betas, eps_hat):
    a = _left(t, betas)[:, None]
    return (x_t - np.sqrt(1 - a) * eps_hat) / np.sqrt(a)


@mistake(
    "predict_x0",
    hint="Only the last step is undone: its own beta is used where the product over all steps so far "
    "belongs.",
)
def undoes_one_step_only(x_t, t, betas, eps_hat):
    a = _shaped(np.concatenate([[1.0], 1 - betas])[t], x_t)
    return (x_t - np.sqrt(1 - a) * eps_hat) / np.sqrt(a)


@mistake(
    "predict_x0",
    hint="The result is right, but x_t itself has changed. A sampler still needs it for the next step.",
)
def changes_x_t(x_t, t, betas, eps_hat):
    a = _shaped(_left(t, betas), x_t)
    x_t -= np.sqrt(1 - a) * eps_hat
    x_t /= np.sqrt(a)
    return x_t


@right_another_way("predict_x0")
def one_sample_after_another(x_t, t, betas, eps_hat):
    guesses = []
    for x, time, eps in zip(x_t, t.tolist(), eps_hat, strict=True):
        a = math.prod((1 - betas[:time]).tolist())
        guesses.append((x - math.sqrt(1 - a) * eps) / math.sqrt(a))
    return np.array(guesses)


@right_another_way("predict_x0")
def as_two_divisions(x_t, t, betas, eps_hat):
    a = _shaped(np.where(t > 0, np.cumprod(1 - betas)[t - 1], 1.0), x_t)
    return x_t / np.sqrt(a) - np.sqrt(1 / a - 1) * eps_hat


@right_another_way("predict_x0")
def flattened_to_rows(x_t, t, betas, eps_hat):
    rows, noise = x_t.reshape(len(x_t), -1), eps_hat.reshape(len(x_t), -1)
    a = np.exp(np.concatenate([[0.0], np.cumsum(np.log(1 - betas))]))[t][:, None]
    return ((rows - (1 - a) ** 0.5 * noise) * a**-0.5).reshape(x_t.shape)


# ---------------------------------------------------------------------------------------------- reverse_step


def _pieces(t, betas):
    """Beta, alpha and the product of the alphas at step t."""
    return betas[t - 1], 1 - betas[t - 1], np.prod(1 - betas[:t])


@mistake(
    "reverse_step",
    hint="Noise is added in the last step too. What step t = 1 returns is the finished sample.",
)
def noise_in_the_last_step(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    return (x_t - beta / np.sqrt(1 - a) * eps_hat) / np.sqrt(alpha) + np.sqrt(beta) * z


@mistake(
    "reverse_step",
    hint="No step adds fresh noise. Every step but the last one does.",
)
def never_any_noise(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    return (x_t - beta / np.sqrt(1 - a) * eps_hat) / np.sqrt(alpha)


@mistake(
    "reverse_step",
    hint="Noise is left out at the wrong end: the step without it is the one at t = 1, not the first one "
    "taken, t = T.",
)
def no_noise_at_the_wrong_end(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    mean = (x_t - beta / np.sqrt(1 - a) * eps_hat) / np.sqrt(alpha)
    return mean + np.sqrt(beta) * z if t < len(betas) else mean


@mistake(
    "reverse_step",
    hint="The fresh noise is multiplied by the variance. Sigma is its root.",
    source="Y-debug-sys/Diffusion-TS#135",
)
def sigma_without_root(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    return (x_t - beta / np.sqrt(1 - a) * eps_hat) / np.sqrt(alpha) + (t > 1) * beta * z


@mistake(
    "reverse_step",
    hint="The bracket is divided by the root of the product over all steps. One step back undoes the "
    "shrinking of one step.",
)
def divides_by_all_steps(x_t, t, betas, eps_hat, z):
    beta, _, a = _pieces(t, betas)
    return (x_t - beta / np.sqrt(1 - a) * eps_hat) / np.sqrt(a) + (t > 1) * np.sqrt(beta) * z


@mistake(
    "reverse_step",
    hint="Too much noise is taken away: above the root stands what all steps have added together, where the "
    "share of this step belongs.",
    source="coleygroup/shepherd#14",
)
def takes_all_noise_at_once(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    return (x_t - (1 - a) / np.sqrt(1 - a) * eps_hat) / np.sqrt(alpha) + (t > 1) * np.sqrt(beta) * z


@mistake(
    "reverse_step",
    hint="In the factor of the guessed noise, the lower part has lost its root.",
)
def lower_part_without_root(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    return (x_t - beta / (1 - a) * eps_hat) / np.sqrt(alpha) + (t > 1) * np.sqrt(beta) * z


@mistake(
    "reverse_step",
    hint="Under the root in the factor of the guessed noise stands alpha without its bar. Which of the two "
    "knows about the steps before?",
)
def bar_forgotten(x_t, t, betas, eps_hat, z):
    beta, alpha, _ = _pieces(t, betas)
    return (x_t - beta / np.sqrt(1 - alpha) * eps_hat) / np.sqrt(alpha) + (t > 1) * np.sqrt(beta) * z


@mistake(
    "reverse_step",
    hint="The coefficients are those of the step after this one. The betas begin with step 1, Python's "
    "indices with 0.",
)
def next_steps_coefficients(x_t, t, betas, eps_hat, z):
    beta, a = betas[t], np.cumprod(1 - betas)[t]
    mean = (x_t - beta / np.sqrt(1 - a) * eps_hat) / np.sqrt(1 - beta)
    return mean + np.sqrt(beta) * z if t > 1 else mean


@mistake(
    "reverse_step",
    hint="The product ends one step too early. The noise in x_t comes from all steps up to t, this one "
    "included.",
    source="huggingface/diffusers#5832",
)
def product_one_short(x_t, t, betas, eps_hat, z):
    beta, alpha, a = betas[t - 1], 1 - betas[t - 1], np.prod(1 - betas[: t - 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (x_t - beta / np.sqrt(1 - a) * eps_hat) / np.sqrt(alpha)
    return mean + np.sqrt(beta) * z if t > 1 else mean


@mistake(
    "reverse_step",
    hint="The fresh noise has the smaller of the two variances that Ho et al. discuss, the one of the "
    "posterior. This exercise takes the other one, beta of the step.",
)
def posterior_variance(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    variance = beta * (1 - a / alpha) / (1 - a)
    return (x_t - beta / np.sqrt(1 - a) * eps_hat) / np.sqrt(alpha) + (t > 1) * np.sqrt(variance) * z


@mistake(
    "reverse_step",
    hint="The noise is taken away, but the shrinking of the step is not undone: the factor before the "
    "bracket is missing.",
)
def shrinking_not_undone(x_t, t, betas, eps_hat, z):
    beta, _, a = _pieces(t, betas)
    return x_t - beta / np.sqrt(1 - a) * eps_hat + (t > 1) * np.sqrt(beta) * z


@mistake(
    "reverse_step",
    hint="The bracket is divided by alpha. The step multiplied by its root.",
)
def divides_without_root(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    return (x_t - beta / np.sqrt(1 - a) * eps_hat) / alpha + (t > 1) * np.sqrt(beta) * z


@mistake(
    "reverse_step",
    hint="This jumps to the guess of x_0 and adds noise to that. A step goes from t to t - 1 only.",
)
def jumps_to_x0(x_t, t, betas, eps_hat, z):
    beta, _, a = _pieces(t, betas)
    return (x_t - np.sqrt(1 - a) * eps_hat) / np.sqrt(a) + (t > 1) * np.sqrt(beta) * z


@mistake(
    "reverse_step",
    hint="The fresh noise stands inside the bracket and is scaled up with the rest. It is added last.",
)
def fresh_noise_scaled_up(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    return (x_t - beta / np.sqrt(1 - a) * eps_hat + (t > 1) * np.sqrt(beta) * z) / np.sqrt(alpha)


@mistake(
    "reverse_step",
    hint="The guessed noise is added instead of taken away.",
)
def guessed_noise_added(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    return (x_t + beta / np.sqrt(1 - a) * eps_hat) / np.sqrt(alpha) + (t > 1) * np.sqrt(beta) * z


@mistake(
    "reverse_step",
    hint="The result is right, but the array x_t that you were given has changed: make a new one.",
)
def overwrites_x_t(x_t, t, betas, eps_hat, z):
    beta, alpha, a = _pieces(t, betas)
    x_t -= beta / np.sqrt(1 - a) * eps_hat
    x_t /= np.sqrt(alpha)
    return x_t + (t > 1) * np.sqrt(beta) * z


@right_another_way("reverse_step")
def posterior_of_the_guess(x_t, t, betas, eps_hat, z):
    """Ho et al., equation 7: guess x_0, then the mean of what lies between it and x_t."""
    beta, alpha, a = _pieces(t, betas)
    before = np.prod(1 - betas[: t - 1])
    x0 = (x_t - np.sqrt(1 - a) * eps_hat) / np.sqrt(a)
    mean = (np.sqrt(before) * beta * x0 + np.sqrt(alpha) * (1 - before) * x_t) / (1 - a)
    return mean + (0.0 if t == 1 else np.sqrt(beta)) * z


@right_another_way("reverse_step")
def with_lists_of_coefficients(x_t, t, betas, eps_hat, z):
    products = [1.0]
    for beta in betas.tolist():
        products.append(products[-1] * (1 - beta))
    beta = betas.tolist()[t - 1]
    scale = 1 / math.sqrt(1 - beta)
    x = scale * x_t - scale * beta / math.sqrt(1 - products[t]) * eps_hat
    if t > 1:
        x = x + math.sqrt(beta) * z
    return x


@right_another_way("reverse_step")
def in_logarithms(x_t, t, betas, eps_hat, z):
    log_alpha = np.log1p(-betas)
    share = betas[t - 1] * (-np.expm1(log_alpha[:t].sum())) ** -0.5
    fresh = z if t != 1 else np.zeros_like(z)
    return np.exp(-0.5 * log_alpha[t - 1]) * (x_t - share * eps_hat) + betas[t - 1] ** 0.5 * fresh


# ---------------------------------------------------------------------------------------------------- sample


@mistake(
    "sample",
    hint="The steps are taken from 1 up to T. The way back begins at the noisy end.",
    source="nathan-barry/tiny-diffusion#2",
)
def from_one_to_T(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(1, len(betas) + 1):
        x = reverse_step(x, t, betas, denoiser(x, t), noise[t - 1])
    return x


@mistake(
    "sample",
    hint="The loop ends before the step at t = 1, so a little noise is left. The end of a range is not part "
    "of it.",
    source="lucidrains/denoising-diffusion-pytorch#53",
)
def last_step_left_out(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas), 1, -1):
        x = reverse_step(x, t, betas, denoiser(x, t), noise[t - 1])
    return x


@mistake(
    "sample",
    hint="The loop begins one step late: x_T is at time T, so the first step is the one from T to T - 1.",
)
def first_step_left_out(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas) - 1, 0, -1):
        x = reverse_step(x, t, betas, denoiser(x, t), noise[t - 1])
    return x


@mistake(
    "sample",
    hint="The denoiser is told the index, t - 1, where it expects the time t.",
    source="Stability-AI/stablediffusion#226",
)
def denoiser_told_the_index(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas), 0, -1):
        x = reverse_step(x, t, betas, denoiser(x, t - 1), noise[t - 1])
    return x


@mistake(
    "sample",
    hint="The denoiser hears of the same time at every step. Its time has to go down with the loop.",
    source="tqch/ddpm-torch#20",
)
def denoiser_time_never_changes(denoiser, x_T, betas, noise):
    x, T = x_T, len(betas)
    for t in range(T, 0, -1):
        x = reverse_step(x, t, betas, denoiser(x, T), noise[t - 1])
    return x


@mistake(
    "sample",
    hint="The denoiser gets one time for each sample. Here it expects a single number, the same for the "
    "whole batch.",
)
def time_as_array(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas), 0, -1):
        x = reverse_step(x, t, betas, denoiser(x, np.full(len(x), t)), noise[t - 1])
    return x


@mistake(
    "sample",
    hint="The denoiser looks at x_T in every step. It should see the sample as it is now.",
)
def denoiser_sees_the_start(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas), 0, -1):
        x = reverse_step(x, t, betas, denoiser(x_T, t), noise[t - 1])
    return x


@mistake(
    "sample",
    hint="Every step begins at x_T again, so that only the last one counts. Let each begin where the one "
    "before ended.",
)
def every_step_from_the_start(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas), 0, -1):
        x = reverse_step(x_T, t, betas, denoiser(x_T, t), noise[t - 1])
    return x


@mistake(
    "sample",
    hint="The noise is used in the order in which it is stored. Step t takes noise[t - 1], so the first "
    "step takes the last one.",
)
def noise_in_storage_order(denoiser, x_T, betas, noise):
    x, T = x_T, len(betas)
    for t in range(T, 0, -1):
        x = reverse_step(x, t, betas, denoiser(x, t), noise[T - t])
    return x


@mistake(
    "sample",
    hint="noise[t] is the noise of the step after this one, and for t = T there is none.",
)
def noise_one_too_far(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas), 0, -1):
        x = reverse_step(x, t, betas, denoiser(x, t), noise[t])
    return x


@mistake(
    "sample",
    hint="The same noise is added in every step. Each step has its own.",
)
def same_noise_each_step(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas), 0, -1):
        x = reverse_step(x, t, betas, denoiser(x, t), noise[0])
    return x


@mistake(
    "sample",
    hint="No fresh noise is used on the way. Every step but the last adds its own.",
)
def noiseless_way(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas), 0, -1):
        x = reverse_step(x, t, betas, denoiser(x, t), np.zeros_like(x))
    return x


@mistake(
    "sample",
    hint="The finished sample gets noise once more: the step at t = 1 adds none. If the loop is right, look "
    "at your reverse_step.",
)
def noisy_end(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas), 0, -1):
        x = reverse_step(x, t, betas, denoiser(x, t), noise[t - 1])
        if t == 1:
            x = x + np.sqrt(betas[0]) * noise[0]
    return x


@mistake(
    "sample",
    hint="All samples on the way are returned. Only the last one, x_0, is asked for.",
)
def the_whole_way(denoiser, x_T, betas, noise):
    way = [x_T]
    for t in range(len(betas), 0, -1):
        way.append(reverse_step(way[-1], t, betas, denoiser(way[-1], t), noise[t - 1]))
    return np.array(way)


@mistake(
    "sample",
    hint="The result is right, but x_T itself has changed: assigning to x[:] writes into the array that you "
    "were given.",
)
def changes_x_T(denoiser, x_T, betas, noise):
    x = x_T
    for t in range(len(betas), 0, -1):
        x[...] = reverse_step(x, t, betas, denoiser(x, t), noise[t - 1])
    return x


@right_another_way("sample")
def all_in_one_loop(denoiser, x_T, betas, noise):
    alphas = 1 - betas
    a = np.cumprod(alphas)
    x = x_T.copy()
    for i in reversed(range(len(betas))):
        guess = denoiser(x, i + 1)
        x = (x - betas[i] / np.sqrt(1 - a[i]) * guess) / np.sqrt(alphas[i])
        if i > 0:
            x += np.sqrt(betas[i]) * noise[i]
    return x


@right_another_way("sample")
def by_recursion(denoiser, x_T, betas, noise):
    def back(x, t):
        if t == 0:
            return x
        return back(reverse_step(x, t, betas, denoiser(x, t), noise[t - 1]), t - 1)

    return back(np.array(x_T), len(betas))


@right_another_way("sample")
def while_time_is_left(denoiser, x_T, betas, noise):
    x, t = x_T * 1.0, np.int64(betas.size)
    while t >= 1:
        eps_hat = denoiser(x, t)
        x = reverse_step(x, t, betas, eps_hat, noise[t - 1])
        t -= 1
    return x
