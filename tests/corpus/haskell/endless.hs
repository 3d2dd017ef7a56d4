main :: IO ()
main = print (length [x | x <- [1 :: Integer ..], x < 0])
