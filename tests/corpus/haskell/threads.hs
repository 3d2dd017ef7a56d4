import Control.Concurrent

main :: IO ()
main = do
  [a, b] <- map read . words <$> getLine :: IO [Int]
  box <- newEmptyMVar
  _ <- forkIO (putMVar box (a + b))
  takeMVar box >>= print
