import Control.Monad.State

add :: Int -> State Int ()
add x = modify (+ x)

main :: IO ()
main = do
  _ <- getLine
  xs <- fmap (map read . words) getLine
  print (execState (mapM_ add xs) 0)
