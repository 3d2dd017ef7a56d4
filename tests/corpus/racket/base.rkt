#lang racket/base
(require racket/string racket/list)
(define (main)
  (define l (map string->number (string-split (read-line))))
  (displayln (apply + l)))
(main)
