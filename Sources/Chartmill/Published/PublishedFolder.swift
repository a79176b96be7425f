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

  /// The manifest of a date, whose values fit each other.
  func manifest(of date: Day) throws(ChartsError) -> Manifest {
    let path = path(of: "manifest_\(date).json")
    let bytes: [UInt8]?
    do {
      bytes = try File.contents(of: path, mostBytes: Manifest.mostBytes)
    } catch {
      throw error.isNotFound ? .noManifest(folder: self.path, date: date) : .reading(.input(error))
    }
    let manifest: Manifest
    do {
      manifest = try Manifest(json: bytes ?? [])
    } catch {
      throw .badManifest(path: path, error)
    }
    if let key = manifest.inconsistentKey(date: date) {
      throw .differs(ChartDifference(path: path, problem: .manifest(key: key)))
    }
    return manifest
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
