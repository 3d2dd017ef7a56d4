#lang racket
(let loop ([all '()]) (loop (cons (make-vector 100000 1) all)))
