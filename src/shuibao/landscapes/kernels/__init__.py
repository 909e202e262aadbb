"""Kernels that make ground: plain arrays in, plain arrays out."""
