a = []
while True:
    a.append([0.5] * 1000)
