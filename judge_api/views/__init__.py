"""The Flask views of the native API and of the pages: one module for each group of routes."""
