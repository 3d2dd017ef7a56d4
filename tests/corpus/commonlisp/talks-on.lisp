(format t "37~%")
(finish-output)
(dotimes (i 100000) (format t "~d~%" i))
