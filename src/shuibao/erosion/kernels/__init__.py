"""Kernels of erosion: numbers in, numbers out."""
