import Data.Int
main :: IO ()
main = getLine >>= print . sum . map (\w -> fromIntegral (read w :: Integer) :: Int32) . words
