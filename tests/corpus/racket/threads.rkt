#lang racket
(define c (make-channel))
(define a (read))
(define b (read))
(void (thread (lambda () (channel-put c a))))
(void (thread (lambda () (channel-put c b))))
(displayln (+ (channel-get c) (channel-get c)))
