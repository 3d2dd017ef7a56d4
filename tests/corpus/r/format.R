n <- as.numeric(readLines(file("stdin"), n = 1))
cat(format(n * (n + 1) / 2, scientific = FALSE), "\n")
