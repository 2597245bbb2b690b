# -*- coding: latin-1 -*-
# Tokens zählen und wieder zusammenfügen
def count_pairs(ids):
    häufigkeit = {}
    for paar in zip(ids, ids[1:]):
        häufigkeit[paar] = häufigkeit.get(paar, 0) + 1
    return häufigkeit

def bpe_decode(ids, vocab):
    return b''.join(vocab[i] for i in ids).decode('utf-8', 'replace')
