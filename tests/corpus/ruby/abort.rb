puts "Hello, World!"
abort "done"
