(print (loop for x = (read *standard-input* nil) while x sum x))
