/// Why sorted runs cannot be written or read back.
package enum SpillError: Error, Sendable, Equatable {
  /// At this byte offset, a spill file does not hold what was written to it.
  case corrupt(path: String, offset: Int)
  /// Spill files would exceed `--spill-limit`. The limit is given in bytes.
  case limit(Int)
}
