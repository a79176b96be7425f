package import ChartmillSystem
internal import Glibc

/// The file of `--metrics`, for the textfile collector of the Prometheus node exporter. The
/// exporter may read it at any time, so it is replaced atomically.
package struct MetricsFile: Sendable {
  private let path: String

  /// Creates and removes a file beside `path`, so that a path that cannot be written is reported
  /// before the work begins.
  ///
  /// - Throws: what `StagedFile.init(_:replacing:mode:)` throws.
  package init(_ path: String) throws {
    self.path = path
    _ = try StagedFile(.metrics, replacing: path, mode: Self.mode)
  }

  /// Replaces the file.
  package func write(_ text: String) throws(SystemError) {
    let staged = try StagedFile(replacing: path, mode: Self.mode)
    try staged.file.write(Array(text.utf8))
    try staged.publish()
  }

  /// Readable by all, because the exporter runs as another user.
  private static let mode: mode_t = 0o644
}
