IO.puts("Hello, World!")
raise "no"
