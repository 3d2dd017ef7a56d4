größe = gets.chomp
puts größe.reverse
