cat("Hello, World!\n")
stop("no")
