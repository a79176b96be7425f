/// Why bytes are not a manifest.
package enum ManifestError: Error, Sendable, Equatable {
  /// `key` is the dotted path of the missing or wrong value; empty if the bytes are not JSON.
  case malformed(key: String)
  /// Another version of Chartmill wrote the manifest.
  case unknownFormat(Int)
}
