"""Checkers decide whether an output is right: token compare, output validators, testlib checkers."""
