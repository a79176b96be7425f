/// Why sorted runs cannot be written or read back.
package enum SpillError: Error, Sendable, Equatable {
  /// A spill file does not hold what was written to it.
  case corrupt(path: String, offset: Int)
  /// Spill files would go beyond `--spill-limit`, in bytes.
  case limit(Int)
}
