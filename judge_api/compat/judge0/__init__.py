"""Judge0's API of 1.13.1 and 1.14.0: ``/judge0``. ``/judge0/extra`` has the language ids of its extra
edition."""
