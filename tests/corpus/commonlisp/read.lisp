(princ (+ (read) (read)))
(terpri)
