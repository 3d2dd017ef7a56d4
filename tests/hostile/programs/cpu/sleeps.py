# @ends wall  @limits cpu=1 wall=0.3
import time

time.sleep(60)
