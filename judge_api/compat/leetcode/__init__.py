"""LeetCode's paths and shapes: submit, run, poll, look back."""
