n <- scan(file("stdin"), quiet = TRUE)
cat(seq(1, n, by = 1), sep = "\n")
