cat("Hello, World!\n")
f <- function(x) { x + 1
