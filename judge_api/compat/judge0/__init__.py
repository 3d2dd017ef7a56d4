"""Judge0's API of 1.13.1 and 1.14.0, twice: ``/judge0``, and ``/judge0/extra`` with its extra ids."""
