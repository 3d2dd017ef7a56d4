#lang racket
(displayln greeting)
