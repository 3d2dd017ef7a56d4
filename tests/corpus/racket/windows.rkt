#lang racket
(define (main)
  (displayln (+ (read) (read))))
(main)
