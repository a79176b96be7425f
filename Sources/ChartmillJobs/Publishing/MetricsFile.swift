package import ChartmillSystem
internal import Glibc

/// The file of `--metrics`, for the textfile collector of Prometheus' node exporter, which may read
/// it at any moment: so it is replaced as a whole.
package struct MetricsFile: Sendable {
  private let path: String

  /// Tries the place, so that one that cannot be written in is reported before the work begins.
  ///
  /// - Throws: what `StagedFile` does.
  package init(_ path: String) throws {
    self.path = path
    _ = try StagedFile(.metrics, replacing: path, mode: Self.mode)
  }

  package func write(_ text: String) throws(SystemError) {
    let staged = try StagedFile(replacing: path, mode: Self.mode)
    try staged.file.write(Array(text.utf8))
    try staged.publish()
  }

  /// The exporter is another user.
  private static let mode: mode_t = 0o644
}
