module Main where
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout NoBuffering
  l <- getLine
  let [a, b] = map read (words l) :: [Int]
  print (a + b)
