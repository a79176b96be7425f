/// Why bytes are not a manifest.
package enum ManifestError: Error, Sendable, Equatable {
  /// `key` is the dotted path of the value that is missing or wrong; empty if the bytes are not
  /// JSON.
  case malformed(key: String)
  /// Another version of Chartmill wrote it.
  case unknownFormat(Int)
}
