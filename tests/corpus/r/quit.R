cat("Hello, World!\n")
quit(save = "no", status = 0)
