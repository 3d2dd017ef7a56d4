import System.IO
main :: IO ()
main = go 1 1000
  where
    go lo hi = do
      let m = (lo + hi) `div` 2 :: Int
      print m
      hFlush stdout
      s <- getLine
      case s of
        "higher" -> go (m + 1) hi
        "lower" -> go lo (m - 1)
        _ -> return ()
