#lang racket
(require "helper.rkt")
(displayln (add (read) (read)))
