internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// The manifest file of a date as it was before it was read. It tells whether charts that look
/// damaged were replaced while they were read.
struct ManifestFile: Sendable {
  private let folder: String
  private let date: Day
  private let file: LogFile

  /// - Throws: `SystemError`; `LogError.notARegularFile`.
  init(of date: Day, in folder: String) throws {
    self.folder = folder
    self.date = date
    file = try LogFile(path: Path.join(folder, OutputNames.manifest(date)))
  }

  var path: String { file.path }

  /// Returns what `body` reads from the files that the manifest names.
  ///
  /// A publication removes the old manifest before it replaces any other file. So if the manifest
  /// is still the one that was read, no publication replaced the files.
  ///
  /// Time: one system call, after a failure.
  ///
  /// - Throws: `ChartsError.replaced` if `body` found damage, or no file, and the manifest has
  ///   changed or is gone; otherwise the error of `body`.
  func reading<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      guard Self.isDamage(error), hasChanged else { throw error }
      throw ChartsError.replaced(folder: folder, date: date)
    }
  }

  /// Whether reading files of two publications can cause the error.
  private static func isDamage(_ error: any Error) -> Bool {
    switch error {
    case ChartsError.differs, is LogError: true
    case let error as SystemError: error.isNotFound
    default: false
    }
  }

  private var hasChanged: Bool { (try? LogFile(path: path)) != file }
}
