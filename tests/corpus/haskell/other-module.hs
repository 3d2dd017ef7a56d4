module Solution where
main :: IO ()
main = putStrLn "Hello, World!"
