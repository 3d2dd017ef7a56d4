#lang racket
(displayln "Hello, World!")
(exit 1)
