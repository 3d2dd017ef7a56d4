$stdout.sync = true
puts 37
sleep 0.3
1000.times { puts "more" }
