internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// A folder of published charts. The charts of a date are published if its manifest exists.
struct PublishedFolder: Sendable {
  let path: String

  /// The dates that have a manifest, ascending.
  func dates() throws -> [Day] {
    try Folder.open(path).names().compactMap { OutputNames.day(ofManifest: $0) }.sorted()
  }

  /// Reads and checks the manifest of a date. Returns it without its inputs, the sums over the
  /// inputs, and its file.
  ///
  /// - Parameter onInput: called with each input.
  /// - Throws: `ChartsError.noManifest`, `.badManifest`, or `.differs` if its values contradict
  ///   each other; `SystemError`.
  func manifest(
    of date: Day, onInput: (Manifest.Input) -> Void = { _ in }
  ) throws -> (manifest: Manifest, logs: LogTotals, file: ManifestFile) {
    let path = path(of: OutputNames.manifest(date))
    let file: ManifestFile
    var logs = LogTotals()
    var areSound = true
    let manifest: Manifest
    do {
      file = try ManifestFile(of: date, in: self.path)
      manifest = try Manifest.read(path) { input in
        areSound = logs.add(input) && areSound
        onInput(input)
      }
    } catch let error as ManifestError {
      throw ChartsError.badManifest(path: path, error)
    } catch let error as SystemError where error.isNotFound {
      throw ChartsError.noManifest(folder: self.path, date: date)
    }
    let key = areSound ? manifest.inconsistentKey(date: date, logs) : "inputs"
    if let key {
      throw ChartsError.differs(ChartDifference(path: path, problem: .manifest(key: key)))
    }
    return (manifest, logs, file)
  }

  /// A file that a manifest of this folder names.
  func file(
    _ name: KeyPath<OutputNames, String>, of manifest: Manifest
  ) throws -> PublishedFile {
    let names = OutputNames(day: manifest.date, top: manifest.top, manifest.encoding)
    return try file(named: names[keyPath: name], of: manifest)
  }

  func file(named name: String, of manifest: Manifest) throws -> PublishedFile {
    guard let entry = manifest.outputs.first(where: { $0.name == name }) else {
      throw ChartsError.differs(
        ChartDifference(
          path: path(of: OutputNames.manifest(manifest.date)),
          problem: .manifest(key: "outputs.\(name)")))
    }
    return try PublishedFile(
      entry, in: path, format: manifest.chartFormat, top: manifest.top)
  }

  private func path(of name: String) -> String { Path.join(path, name) }
}
