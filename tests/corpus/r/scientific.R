n <- scan(file("stdin"), n = 1, quiet = TRUE)
print(1:n)
