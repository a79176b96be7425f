/// Why bytes are not a manifest.
package enum ManifestError: Error, Sendable, Equatable {
  /// `key` is the dotted path of what is missing or wrong; empty when the JSON itself is.
  case malformed(key: String)
  /// Written by another version.
  case unknownFormat(Int)
}
