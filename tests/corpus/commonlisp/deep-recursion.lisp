(defun f (n) (if (= n 0) 0 (+ n (f (- n 1)))))
(print (f (read)))
