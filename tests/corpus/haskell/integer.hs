main :: IO ()
main = readLn >>= \n -> print (product [1 .. n :: Integer])
