puts (1..gets.to_i).reduce(1, :*)
