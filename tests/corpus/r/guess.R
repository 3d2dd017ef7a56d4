con <- file("stdin", "r")
lo <- 1L; hi <- 1000L
repeat {
  m <- (lo + hi) %/% 2L
  cat(m, "\n")
  s <- readLines(con, 1)
  if (s == "higher") lo <- m + 1L else if (s == "lower") hi <- m - 1L else break
}
