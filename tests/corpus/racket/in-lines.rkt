#lang racket
(define count (make-hash))
(for* ([line (in-lines)] [w (string-split line)])
  (hash-update! count w add1 0))
(for ([w (sort (hash-keys count) string<?)])
  (printf "~a ~a\n" w (hash-ref count w)))
