def main
  puts "Hello, World!"
