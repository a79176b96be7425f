extension Manifest {
  /// Of the outputs.
  var encoding: ChartEncoding {
    var encoding = ChartEncoding()
    encoding.format = chartFormat
    encoding.compresses = outputs.first?.name.hasSuffix(".gz") ?? false
    return encoding
  }

  /// Some KiB a log and a reason; far above any window's.
  static let mostBytes = 64 << 20

  /// The manifest of that name in a folder; nil when there is none, or it cannot be understood.
  static func published(_ name: String, in folder: String) throws(JobError) -> Manifest? {
    let path = Folder.path(of: name, in: folder)
    do {
      return try File.contents(of: path, mostBytes: mostBytes).flatMap { try? Manifest(json: $0) }
    } catch {
      if error.isNotFound { return nil }
      throw .input(error)
    }
  }
}
