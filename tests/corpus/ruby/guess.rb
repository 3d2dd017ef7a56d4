$stdout.sync = true
lo, hi = 1, 1000
loop do
  m = (lo + hi) / 2
  puts m
  case gets.chomp
  when "higher" then lo = m + 1
  when "lower" then hi = m - 1
  else break
  end
end
