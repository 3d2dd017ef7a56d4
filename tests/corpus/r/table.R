w <- scan(file("stdin"), what = "", quiet = TRUE)
t <- table(w)
cat(paste(names(t), t), sep = "\n")
