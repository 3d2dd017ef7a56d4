{-# LANGUAGE BangPatterns #-}
import qualified Data.ByteString.Char8 as B
import Data.Maybe (fromJust)

main :: IO ()
main = do
  n <- fst . fromJust . B.readInt <$> B.getLine
  xs <- map (fst . fromJust . B.readInt) . take n . B.lines <$> B.getContents
  print (go 0 xs)
  where
    go !acc [] = acc
    go !acc (x : rest) = go (acc + x) rest
