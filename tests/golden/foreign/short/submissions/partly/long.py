number = int(input())  # said at some length
print(number + 1)
