"""Kernels of statistics: numbers in, numbers out."""
