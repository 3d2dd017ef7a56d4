"""The rules of judging as plain values: no input, no output, no framework, no logging."""
