(let* ((n (read)) (s (loop repeat n sum (read))))
  (format t "~,6f~%" (/ s n)))
