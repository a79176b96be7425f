/// A folder of published charts, which are there as far as a manifest says so.
struct PublishedFolder: Sendable {
  let path: String

  /// The dates that have a manifest, ascending.
  func dates() throws(ChartsError) -> [Day] {
    let names: [String]
    do {
      names = try Folder.open(path).names()
    } catch {
      throw .reading(.input(error))
    }
    let days = names.compactMap { name -> Day? in
      guard name.hasPrefix("manifest_"), name.hasSuffix(".json") else { return nil }
      return Day(yyyymmdd: name.dropFirst(9).dropLast(5))
    }
    return days.sorted()
  }

  /// The manifest of a date, whose values fit each other, without its inputs, and what these add up
  /// to. `onInput` is called with each of them.
  func manifest(
    of date: Day, onInput: (Manifest.Input) -> Void = { _ in }
  ) throws(ChartsError) -> (manifest: Manifest, logs: LogTotals) {
    let path = path(of: "manifest_\(date).json")
    var logs = LogTotals()
    var areSound = true
    let manifest: Manifest
    do {
      manifest = try Manifest.read(path) { input in
        areSound = logs.add(input) && areSound
        onInput(input)
      }
    } catch {
      switch error {
      case .manifest(let error): throw .badManifest(path: path, error)
      case .system(let error) where error.isNotFound:
        throw .noManifest(folder: self.path, date: date)
      case .system(let error): throw .reading(.input(error))
      }
    }
    let key = areSound ? manifest.inconsistentKey(date: date, logs) : "inputs"
    if let key { throw .differs(ChartDifference(path: path, problem: .manifest(key: key))) }
    return (manifest, logs)
  }

  /// One of the files that a manifest of this folder names.
  func file(
    _ name: KeyPath<OutputNames, String>, of manifest: Manifest
  ) throws(ChartsError) -> PublishedFile {
    let names = OutputNames(day: manifest.date, top: manifest.top, manifest.encoding)
    return try file(named: names[keyPath: name], of: manifest)
  }

  func file(named name: String, of manifest: Manifest) throws(ChartsError) -> PublishedFile {
    guard let entry = manifest.outputs.first(where: { $0.name == name }) else {
      throw .differs(
        ChartDifference(
          path: path(of: "manifest_\(manifest.date).json"),
          problem: .manifest(key: "outputs.\(name)")))
    }
    return try PublishedFile(
      entry, path: path(of: name), format: manifest.chartFormat, top: manifest.top)
  }

  private func path(of name: String) -> String { Folder.path(of: name, in: path) }
}
