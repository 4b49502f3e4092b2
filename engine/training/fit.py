"""Whether a training fits this machine: its memory and time, known before it starts, and the batches that fit.

Memory. The step that will run is rehearsed on tensors that have a shape but no contents (torch's `FakeTensorMode`),
and a ledger notes every byte that comes alive and goes. So whatever a model or a method keeps for the way back is
counted, with no second description of it to go out of date. In float32 a block of the shape qwen3 comes to, for N = B * T
tokens of width w, feed-forward f, h query and k key/value heads of size d, in numbers kept per token:

    norms 2w + 2 (their inputs and scales), their results 2w, queries, keys and values hd (rotated) + 2kd, before
    rotation and norm hd + kd, attention's result hd + h (log-sum-exp), feed-forward gate, up, silu, product 4f

and the whole step to  weights + gradients + optimizer state + layers * N * that + one chunk of logits. Adam keeps two numbers for each
that learns, Muon one.

Time. Real micro-batches of typical and of greatest length go through the real model, once to warm up and once to be
timed, and one step of the optimizer.
"""
