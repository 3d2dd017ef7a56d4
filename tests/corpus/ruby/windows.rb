def add(a, b)
  a + b
end
a, b = gets.split.map(&:to_i)
puts add(a, b)
