# Numbers of R are exact up to 2^53, so the sum is made of parts of nine digits.
words <- scan(file("stdin"), what = "", quiet = TRUE)
part <- function(word, from, to) {
  digits <- sub("^-", "", word)
  digits <- paste0(strrep("0", 27 - nchar(digits)), digits)
  sign <- if (startsWith(word, "-")) -1 else 1
  sign * as.numeric(substr(digits, from, to))
}
base <- 1e9
low <- part(words[1], 19, 27) + part(words[2], 19, 27)
middle <- part(words[1], 10, 18) + part(words[2], 10, 18)
high <- part(words[1], 1, 9) + part(words[2], 1, 9)
negative <- (if (high != 0) high else if (middle != 0) middle else low) < 0
parts <- c(high, middle, low) * (if (negative) -1 else 1)
for (place in 3:2) {
  carry <- floor(parts[place] / base)
  parts[place] <- parts[place] - carry * base
  parts[place - 1] <- parts[place - 1] + carry
}
text <- paste0(sprintf("%09.0f", parts), collapse = "")
text <- sub("^0+(?=.)", "", text, perl = TRUE)
cat(if (negative) "-" else "", text, "\n", sep = "")
