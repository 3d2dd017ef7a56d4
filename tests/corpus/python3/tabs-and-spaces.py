if True:
        x = 1
	print("Hello, World!")
