main :: IO ()
main = putStrLn "Hello, World!" >> print (head ([] :: [Int]))
