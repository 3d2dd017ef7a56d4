# @ends wall|cpu  @limits wall=0.4 processes=12 memory=256
import os

while True:
    try:
        os.fork()
    except OSError:
        pass
