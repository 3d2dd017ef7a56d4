(load (merge-pathnames "helper.lisp" *load-truename*))
(format t "~d~%" (add (read) (read)))
