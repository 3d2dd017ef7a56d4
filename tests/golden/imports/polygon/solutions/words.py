print("two parts")
