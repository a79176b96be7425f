/// The index of the first element for which `isBefore` is false, of `count` elements in such an
/// order that it is false for all later ones; `count` if there is none.
///
/// Time: log2(count) calls.
func binarySearch(_ count: Int, _ isBefore: (Int) -> Bool) -> Int {
  var (low, high) = (0, count)
  while low < high {
    let middle = (low + high) / 2
    if isBefore(middle) { low = middle + 1 } else { high = middle }
  }
  return low
}
