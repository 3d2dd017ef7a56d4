#lang racket
(define n (read))
(displayln (exact->inexact (/ (for/sum ([_ n]) (read)) n)))
