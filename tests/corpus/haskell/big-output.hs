import System.Exit
main :: IO ()
main = do
  n <- readLn :: IO Int
  mapM_ print [1 .. n]
  exitSuccess
