module Main (main) where

import Control.Monad
import qualified Data.Map.Strict as M
import Data.IORef
import Data.List (sortBy, foldl')
import Data.Ord (comparing)

main :: IO ()
main = do
  [a, b] <- map read . words <$> getLine :: IO [Int]
  r <- newIORef 0
  forM_ [a, b] $ \x -> modifyIORef' r (+ x)
  readIORef r >>= print
