var all: seq[seq[int]]
while true: all.add newSeq[int](100000)
