(defvar *count* (make-hash-table :test 'equal))
(defun split (s)
  (loop with start = 0
        for i = (position #\Space s :start start)
        for w = (subseq s start i)
        when (plusp (length w)) collect w
        while i do (setf start (1+ i))))
(loop for line = (read-line nil nil) while line
      do (dolist (w (split line)) (incf (gethash w *count* 0))))
(let ((keys (loop for k being the hash-keys of *count* collect k)))
  (dolist (k (sort keys #'string<)) (format t "~a ~a~%" k (gethash k *count*))))
