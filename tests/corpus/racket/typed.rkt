#lang racket
(define/contract (fact n)
  (-> exact-nonnegative-integer? exact-positive-integer?)
  (match n
    [0 1]
    [n (* n (fact (sub1 n)))]))
(println (fact (read)))
