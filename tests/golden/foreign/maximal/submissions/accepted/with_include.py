from include import DISTANCE
print(int(input()) + DISTANCE)
