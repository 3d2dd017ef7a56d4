import qualified Data.Map as Map

main :: IO ()
main = interact $ \s ->
  unlines [w ++ " " ++ show c | (w, c) <- Map.toAscList (Map.fromListWith (+) [(w, 1 :: Int) | w <- words s])]
