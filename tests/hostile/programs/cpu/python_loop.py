# @ends cpu  @limits cpu=0.2 wall=2
while True:
    pass
