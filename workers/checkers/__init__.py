"""Who says whether an output is right: token compare, the problem's own validator, testlib."""
