(defvar *all* nil)
(loop (push (make-array 100000) *all*))
