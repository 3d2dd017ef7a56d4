add <- function(values) sum(values)
