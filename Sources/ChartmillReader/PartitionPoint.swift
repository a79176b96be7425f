/// The number of the first elements for which `isBefore` is true, of `count` elements in such an
/// order that it is false for all others.
///
/// Time: log2(count) calls.
func partitionPoint(_ count: Int, _ isBefore: (Int) -> Bool) -> Int {
  var (low, high) = (0, count)
  while low < high {
    let middle = (low + high) / 2
    if isBefore(middle) { low = middle + 1 } else { high = middle }
  }
  return low
}
