x <- as.integer("a")
cat("Hello, World!\n")
