s <- readLines(file("stdin", encoding = "UTF-8"), n = 1)
cat(paste(rev(strsplit(s, "")[[1]]), collapse = ""), "\n", sep = "")
