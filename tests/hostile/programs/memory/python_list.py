# @ends memory  @without exited|memory  @limits memory=48 wall=2
x = []
while True:
    x.append(bytearray(1 << 20))
