(defun main ()
  (write-line "Hello, World!")
(main)
