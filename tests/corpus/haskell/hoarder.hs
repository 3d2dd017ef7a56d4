main :: IO ()
main = do
  let xs = [1 .. 50000000] :: [Integer]
  print (sum xs)
  print (length xs)
