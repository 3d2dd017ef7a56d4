import Text.Printf
main :: IO ()
main = do
  n <- readLn :: IO Int
  xs <- map read' . words <$> getLine
  printf "%.5f\n" (sum xs / fromIntegral n)
  where read' w = read w :: Double
