main :: IO ()
main = readLn >>= \n -> print (n + 1 :: Int)
