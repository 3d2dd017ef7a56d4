main :: IO ()
main = do
  λέξη <- getLine
  putStrLn (reverse λέξη)
