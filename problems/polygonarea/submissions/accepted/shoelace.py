from math import hypot

n = int(input())
corners = [tuple(map(float, input().split())) for _ in range(n)]
area = perimeter = 0.0
for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1]):
    area += x1 * y2 - x2 * y1
    perimeter += hypot(x2 - x1, y2 - y1)
print(abs(area) / 2, perimeter)
