#lang racket
(define (main)
  (displayln "Hello, World!")
(main)
