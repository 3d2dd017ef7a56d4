cat("Hello, World!\n")
q("no", 3)
