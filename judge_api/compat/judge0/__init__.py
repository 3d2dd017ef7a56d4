"""Judge0's API of 1.13.1 and 1.14.0: ``/judge0``, and ``/judge0/extra`` with the ids of its extra edition."""
