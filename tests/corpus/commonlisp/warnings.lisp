(defun f (x y) x)
(setf *greeting* "Hello, World!")
(write-line *greeting*)
