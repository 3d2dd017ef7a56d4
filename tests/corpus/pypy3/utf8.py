λέξη = input()
print("".join(reversed(λέξη)))
