import qualified Data.ByteString.Builder as BB
import System.IO (stdout)
main :: IO ()
main = do
  n <- readLn :: IO Int
  BB.hPutBuilder stdout (mconcat [BB.intDec i <> BB.char7 '\n' | i <- [1 .. n]])
