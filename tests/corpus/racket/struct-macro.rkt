#lang racket
(struct vec (x) #:transparent)
(define-syntax-rule (show e) (displayln e))
(define adder% (class object% (super-new) (define/public (add a b) (vec (+ (vec-x a) (vec-x b))))))
(show (vec-x (send (new adder%) add (vec (read)) (vec (read)))))
