(displayln "Hello, World!")
