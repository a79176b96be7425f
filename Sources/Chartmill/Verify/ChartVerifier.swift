/// Reads published charts again and holds them against their manifest and the contract: sizes,
/// CRCs, the syntax and order of lines, ties, no key and no song twice, the same users in both user
/// files.
///
/// Memory: some buffers of a fixed size, and the manifest. Time: about 4 s a GB of charts.
public struct ChartVerifier: Sendable {
  /// What was verified.
  public struct Report: Sendable, Equatable {
    public let date: Day
    public let files: [String]
    public let users: Int
    public let countries: Int
  }

  /// A manifest holds some hundred bytes a log and a few samples.
  private static let mostManifestBytes = 16 << 20

  private let folder: String

  public init(folder: String) {
    self.folder = folder
  }

  /// The dates that have a manifest, ascending.
  public func dates() throws(VerifyError) -> [Day] {
    let names: [String]
    do {
      names = try Folder.open(folder).names()
    } catch {
      throw .reading(.input(error))
    }
    let days = names.compactMap { name -> Day? in
      guard name.hasPrefix("manifest_"), name.hasSuffix(".json") else { return nil }
      return Day(yyyymmdd: name.dropFirst(9).dropLast(5))
    }
    return days.sorted()
  }

  /// Verifies one date; throws the first difference.
  public func verify(_ date: Day) throws(VerifyError) -> Report {
    let manifest = try manifest(of: date)
    let names = OutputNames(day: date, top: manifest.top, manifest.encoding)
    let countries = try open(names.countryCharts, in: manifest)
    let users = try open(names.userCharts, in: manifest)
    let homes = try open(names.userCountries, in: manifest)
    try countries.checkCountries(manifest, count: manifest.totals.countries)
    try users.checkUsers(homes: homes, manifest)
    for output in manifest.outputs where names.country(ofName: output.name) != nil {
      try open(output.name, in: manifest).checkCountries(manifest, count: 1)
    }
    return Report(
      date: date, files: manifest.outputs.map(\.name),
      users: manifest.totals.users, countries: manifest.totals.countries)
  }

  private func path(of name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  private func manifest(of date: Day) throws(VerifyError) -> Manifest {
    let path = path(of: "manifest_\(date).json")
    let bytes: [UInt8]
    do {
      let file = try File.open(reading: path)
      let status = try file.status()
      guard status.isRegular else { throw VerifyError.reading(.notARegularFile(path: path)) }
      guard status.byteCount <= Self.mostManifestBytes else {
        throw VerifyError.badManifest(path: path, .malformed(key: ""))
      }
      bytes = try file.readAll(status.byteCount)
    } catch let error as SystemError {
      throw error.isNotFound
        ? .noManifest(folder: folder, date: date) : .reading(.input(error))
    } catch let error as VerifyError {
      throw error
    } catch {
      preconditionFailure("unreachable: \(error)")
    }
    let manifest: Manifest
    do {
      manifest = try Manifest(json: bytes)
    } catch {
      throw .badManifest(path: path, error)
    }
    if let key = manifest.inconsistentKey(date: date) {
      throw .differs(ChartDifference(path: path, problem: .manifest(key: key)))
    }
    return manifest
  }

  private func open(_ name: String, in manifest: Manifest) throws(VerifyError) -> PublishedFile {
    guard
      let entry = manifest.outputs.first(where: { $0.name == name })
    else {
      let manifestPath = path(of: "manifest_\(manifest.date).json")
      throw .differs(
        ChartDifference(path: manifestPath, problem: .manifest(key: "outputs.\(name)")))
    }
    return try PublishedFile(
      entry, path: path(of: entry.name),
      mostLineBytes: manifest.chartFormat.mostChartBytes(top: manifest.top))
  }
}

extension Manifest {
  /// The dotted path of the first value that cannot stand beside the others; nil when all can.
  fileprivate func inconsistentKey(date: Day) -> String? {
    if self.date != date { return "date" }
    if window.last != date || !JobConfiguration.daysRange.contains(window.days)
      || window.first != date.advanced(by: 1 - window.days)
    {
      return "window"
    }
    if !JobConfiguration.partitionsRange.contains(partitions) || partitions.nonzeroBitCount != 1 {
      return "partitions"
    }
    if !JobConfiguration.topRange.contains(top) { return "top" }
    if totals.accepted < 0 || inputs.contains(where: { $0.accepted < 0 || $0.rejected < 0 }) {
      return "totals.accepted"
    }
    if Self.sum(inputs.map(\.accepted)) != totals.accepted { return "totals.accepted" }
    if Self.sum(inputs.map(\.rejected)) != totals.rejected { return "totals.rejected" }
    if totals.streams != totals.accepted { return "totals.streams" }
    let names = OutputNames(day: date, top: top, encoding)
    let whole = [names.countryCharts, names.userCharts, names.userCountries]
    var found: Set<String> = []
    for output in outputs {
      guard whole.contains(output.name) || names.country(ofName: output.name) != nil else {
        return "outputs.\(output.name)"
      }
      found.insert(output.name)
    }
    let isComplete =
      found.count == outputs.count && found.isSuperset(of: whole)
      && [0, totals.countries].contains(found.count - whole.count)
    return isComplete ? nil : "outputs"
  }

  private static func sum(_ values: [Int]) -> Int? {
    var sum = 0
    for value in values {
      let (next, overflows) = sum.addingReportingOverflow(value)
      if overflows { return nil }
      sum = next
    }
    return sum
  }
}

extension File {
  /// The first `byteCount` bytes of the file, fewer if it ends before.
  fileprivate func readAll(_ byteCount: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    let count = try bytes.withUnsafeMutableBufferPointer { buffer throws(SystemError) in
      try read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
    }
    return Array(bytes.prefix(count))
  }
}
