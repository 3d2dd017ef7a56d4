(let* ((a (read)) (b (read))
       (threads (list (sb-thread:make-thread (lambda () a)) (sb-thread:make-thread (lambda () b)))))
  (format t "~d~%" (reduce #'+ (mapcar #'sb-thread:join-thread threads))))
