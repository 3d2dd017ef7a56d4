used = input()
print(next(c for c in 'etaoinshrdlcumwfgypbvkjxqz' if c not in used))
