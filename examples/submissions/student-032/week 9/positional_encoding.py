# -*- coding: utf-8 -*-
# Übung 9, für Großmütter erklärt
import numpy as np

def positional_encoding(n_pos, d_model):
    winkel = np.arange(n_pos)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
    return np.stack([np.sin(winkel), np.cos(winkel)], axis=-1).reshape(n_pos, d_model)

def add_positional_encoding(x, pe):
    return x + pe[:x.shape[-2]]
