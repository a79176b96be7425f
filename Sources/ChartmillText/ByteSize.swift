/// A number of bytes, as flags and summaries write it.
package enum ByteSize {
  /// The letters of the units. Each unit is 1024 times the previous one.
  package static let letters = Array("KMGT")

  /// `256MiB`, `1.4GiB`, `812B`: one decimal below 100 units, unless it is 0.
  package static func text(_ bytes: Int) -> String {
    var unit = "B"
    var value = Double(bytes)
    for letter in letters where value >= 1024 {
      value /= 1024
      unit = "\(letter)iB"
    }
    let isExact = value == value.rounded()
    return (isExact || value >= 100 ? String(Int(value.rounded())) : decimal(value, 1)) + unit
  }
}
