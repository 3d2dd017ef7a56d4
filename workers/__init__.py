"""The workers: take an attempt from one queue, judge it in a box, report. They hold no keys to the house."""
