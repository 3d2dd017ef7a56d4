import qualified Data.Vector as V
main :: IO ()
main = putStrLn (V.head (V.fromList ["Hello, World!"]))
