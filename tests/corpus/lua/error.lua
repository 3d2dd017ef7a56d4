print("Hello, World!")
error("no")
