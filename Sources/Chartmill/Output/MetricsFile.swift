/// The file of `--metrics`, for the textfile collector of Prometheus' node exporter, which may read
/// it at any moment: so it is replaced as a whole.
public struct MetricsFile: Sendable {
  private let path: String

  /// Tries the place out, so that one that cannot be written in is told before the work begins.
  ///
  /// - Throws: `.cannotCreate`, or `.output` when the disk is full.
  public init(_ path: String) throws(JobError) {
    self.path = path
    do {
      _ = try stage()
    } catch {
      throw .creating(error)
    }
  }

  public func write(_ text: String) throws(SystemError) {
    let staged = try stage()
    try staged.file.write(Array(text.utf8))
    try staged.publish()
  }

  /// The exporter is another user.
  private func stage() throws(SystemError) -> StandaloneFile {
    try StandaloneFile(replacing: path, mode: 0o644)
  }
}
