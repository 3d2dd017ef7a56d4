module Main where

import Data.Array
import qualified Data.Set as Set

data Pos = Pos { px :: !Int, py :: !Int } deriving (Eq, Ord, Show)

class Movable a where
  moves :: a -> [a]

instance Movable Pos where
  moves (Pos x y) = [Pos (x + 1) y, Pos (x - 1) y, Pos x (y + 1), Pos x (y - 1)]

bfs :: Array (Int, Int) Char -> [Pos] -> Set.Set Pos -> Int -> Int
bfs _ [] _ _ = -1
bfs g layer seen d
  | any (\p -> g ! (px p, py p) == 'E') layer = d
  | otherwise = bfs g next (Set.union seen (Set.fromList next)) (d + 1)
  where
    next = Set.toList . Set.fromList $
      [q | p <- layer, q <- moves p, inRange (bounds g) (px q, py q), g ! (px q, py q) /= '#', not (Set.member q seen)]

main :: IO ()
main = do
  [r, c] <- map read . words <$> getLine
  rows <- sequence (replicate r getLine)
  let g = listArray ((0, 0), (r - 1, c - 1)) (concat rows)
      start = head [Pos x y | ((x, y), 'S') <- assocs g]
  print (bfs g [start] (Set.singleton start) 0)
