sum = 0
STDIN.each_line { |l| sum += l.split.map(&:to_i).sum }
puts sum
