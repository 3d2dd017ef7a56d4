def f(n) = n == 0 ? 0 : n + f(n - 1)
puts f(gets.to_i)
