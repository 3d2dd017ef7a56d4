#lang racket
(displayln (for/sum ([x (in-port read)]) x))
