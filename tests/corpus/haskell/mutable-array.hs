import Control.Monad
import Control.Monad.ST
import Data.Array.ST
import Data.Array.Unboxed

sortST :: [Int] -> [Int]
sortST xs = elems (runSTUArray (do
  let n = length xs
  a <- newListArray (0, n - 1) xs
  forM_ [0 .. n - 1] $ \i -> forM_ [0 .. n - 2 - i] $ \j -> do
    p <- readArray a j
    q <- readArray a (j + 1)
    when (p > q) $ writeArray a j q >> writeArray a (j + 1) p
  return a))

main :: IO ()
main = getLine >> getLine >>= putStrLn . unwords . map show . sortST . map read . words
