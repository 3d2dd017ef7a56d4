#lang racket
(let loop ([lo 1] [hi 1000])
  (define m (quotient (+ lo hi) 2))
  (displayln m)
  (flush-output)
  (match (read-line)
    ["higher" (loop (add1 m) hi)]
    ["lower" (loop lo (sub1 m))]
    [_ (void)]))
