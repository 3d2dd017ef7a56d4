number = int(input())  # this comment makes the source longer
print(number + 1)
