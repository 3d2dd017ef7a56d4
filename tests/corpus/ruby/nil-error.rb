puts "Hello, World!"
puts gets.chomp
