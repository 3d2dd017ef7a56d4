#lang racket
(displayln "Hello, World!")
(error "no")
