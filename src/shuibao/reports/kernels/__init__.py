"""Kernels of the reports: plain arrays in and out."""
