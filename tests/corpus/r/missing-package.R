library(dplyr)
cat("Hello, World!\n")
