s <- readline()
p <- as.integer(strsplit(s, " ")[[1]])
cat(p[1] + p[2], "\n")
