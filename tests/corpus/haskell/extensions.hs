{-# LANGUAGE LambdaCase, TupleSections, MultiWayIf, ScopedTypeVariables, GADTs, KindSignatures #-}
{-# OPTIONS_GHC -O2 -Wno-all #-}
module Main where

data Expr :: * -> * where
  I :: Int -> Expr Int
  Add :: Expr Int -> Expr Int -> Expr Int

eval :: Expr a -> a
eval = \case
  I n -> n
  Add a b -> eval a + eval b

main :: IO ()
main = do
  [a, b] :: [Int] <- map read . words <$> getLine
  let (x, y) = (a, b)
  print $ if | x == x -> eval (Add (I x) (I y)) | otherwise -> 0
