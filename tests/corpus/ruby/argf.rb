n = ARGF.readline.to_i
puts ARGF.each_line.lazy.first(n).sum(&:to_i)
