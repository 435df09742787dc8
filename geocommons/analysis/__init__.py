"""Analyses: pure functions; arrays and frames in one metric CRS in, frames and tables out."""
