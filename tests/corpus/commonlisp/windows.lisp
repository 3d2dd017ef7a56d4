(defun main ()
  (format t "~a" (+ (read) (read))))
(main)
