/// Why sorted runs cannot be written or read back.
package enum SpillError: Error, Sendable, Equatable {
  /// A spill file does not hold what was written to it, at a byte offset.
  case corrupt(path: String, offset: Int)
  /// Spill files would exceed `--spill-limit`, which is given in bytes.
  case limit(Int)
}
