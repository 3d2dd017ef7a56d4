module Main where

import Adder

main :: IO ()
main = getLine >>= print . foldr1 add . map read . words
