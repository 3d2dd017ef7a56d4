(write-line "Hello, World!")
(no-such-function 3)
