package import ChartmillModel

/// Why kept digests cannot serve.
package enum StateError: Error, Sendable, Equatable {
  /// A state folder without a kept digest in it.
  case noDigests(folder: String)
  /// A kept digest cannot serve, and its log is not there to digest again.
  case unusableDigest(path: String, DigestNotice.Kind)
  /// A kept digest that `state` found damaged.
  case damagedDigest(path: String)
}
