import numpy as np

def softmax(logits, axis=-1):
    e = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)

def nll_loss(logits, ids)
    return -np.log(softmax(logits)[np.arange(len(ids)), ids]).sum()
