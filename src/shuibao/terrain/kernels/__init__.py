"""Kernels of terrain: numbers in, numbers out."""
