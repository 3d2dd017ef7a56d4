#lang racket
(define (f n) (if (= n 0) 0 (+ n (f (- n 1)))))
(displayln (f (read)))
