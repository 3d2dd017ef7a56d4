source("adder.R")
cat(add(scan(file("stdin"), quiet = TRUE)), "\n", sep = "")
