#lang racket
(define n (string->number (read-line)))
(displayln (for/sum ([_ n]) (string->number (read-line))))
