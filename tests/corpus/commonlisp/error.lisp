(write-line "Hello, World!")
(error "no")
