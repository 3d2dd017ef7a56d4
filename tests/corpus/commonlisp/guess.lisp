(let ((lo 1) (hi 1000))
  (loop
    (let ((m (floor (+ lo hi) 2)))
      (format t "~d~%" m)
      (finish-output)
      (let ((s (read-line)))
        (cond ((string= s "higher") (setf lo (1+ m)))
              ((string= s "lower") (setf hi (1- m)))
              (t (return)))))))
