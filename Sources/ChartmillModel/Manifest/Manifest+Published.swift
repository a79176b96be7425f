package import ChartmillSystem
internal import FoundationEssentials

extension Manifest {
  /// Of the outputs.
  package var encoding: ChartEncoding {
    var encoding = ChartEncoding()
    encoding.format = chartFormat
    encoding.compresses = outputs.first?.name.hasSuffix(".gz") ?? false
    return encoding
  }

  /// Bytes of a manifest without its inputs: kept days and notices, some hundred bytes per day, and
  /// the parts of every output.
  private static let maxBytes = 1 << 20
  /// A name, and the names of reasons and rules.
  private static let maxInputBytes = 64 << 10

  /// Reads a manifest from a file, and calls `onInput` with each of its inputs; the manifest itself
  /// has none.
  ///
  /// Time: some dozen microseconds for each input. Memory: at most ten times `maxBytes`, whatever the
  /// file holds.
  ///
  /// - Throws: `ManifestError` for what is no manifest; `SystemError`.
  package static func read(
    _ path: String, onInput: (Input) -> Void
  ) throws -> Manifest {
    var lines = try ManifestLines(path)
    let decoder = JSONDecoder()
    var rest: [UInt8] = []
    var isInInputs = false
    let start = Array(inputsStart.utf8.dropFirst())
    while true {
      guard let line = try lines.next(maxBytes: isInInputs ? maxInputBytes : maxBytes) else {
        throw ManifestError.malformed(key: "")
      }
      if line.isEmpty { break }
      if isInInputs, line.starts(with: "    {".utf8) {
        var json = line.dropLast(while: { $0 == 10 || $0 == 13 })
        if json.last == UInt8(ascii: ",") { json = json.dropLast() }
        guard let input = try? decoder.decode(Input.self, from: Data(json)) else {
          throw ManifestError.malformed(key: "inputs")
        }
        onInput(input)
        continue
      }
      isInInputs = line.dropLast(while: { $0 == 10 || $0 == 13 }).elementsEqual(start)
      rest += line
      if rest.count > maxBytes { throw ManifestError.malformed(key: "") }
    }
    var manifest = try Manifest(json: rest)
    // A manifest that another program has formatted has its inputs among the rest.
    for input in manifest.inputs { onInput(input) }
    manifest.inputs = []
    return manifest
  }

  /// The manifest of that name in a folder; nil when there is none, or it cannot be understood.
  package static func published(
    _ name: String, in folder: String, onInput: (Input) -> Void
  ) throws -> Manifest? {
    do {
      return try read(Path.join(folder, name), onInput: onInput)
    } catch is ManifestError {
      return nil
    } catch let error as SystemError where error.isNotFound {
      return nil
    }
  }
}

/// The lines of a file, one after another.
private struct ManifestLines {
  private static let pieceBytes = 64 << 10

  private let file: File
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  init(_ path: String) throws(SystemError) {
    file = try File.open(reading: path)
    // What is no regular file is read as an empty one, and so no manifest.
    isAtEnd = try !file.status().isRegular
  }

  /// The next line with its end; empty behind the last one; nil when it has more than `maxBytes`.
  mutating func next(maxBytes: Int) throws(SystemError) -> [UInt8]? {
    while true {
      if let end = buffer[start...].firstIndex(of: 10) {
        defer { start = end + 1 }
        return end - start <= maxBytes ? Array(buffer[start...end]) : nil
      }
      if isAtEnd {
        defer { start = buffer.count }
        return Array(buffer[start...])
      }
      if buffer.count - start > maxBytes { return nil }
      buffer.removeFirst(start)
      start = 0
      let filled = buffer.count
      buffer += [UInt8](repeating: 0, count: Self.pieceBytes)
      let file = file
      let count = try unsafe buffer.withUnsafeMutableBufferPointer { buffer throws(SystemError) in
        try unsafe file.read(
          into: UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...]))
      }
      buffer.removeLast(Self.pieceBytes - count)
      isAtEnd = count == 0
    }
  }
}

extension Collection {
  /// Without the last elements that fit.
  fileprivate func dropLast(while fits: (Element) -> Bool) -> SubSequence
  where Self: BidirectionalCollection {
    var end = endIndex
    while end > startIndex, fits(self[index(before: end)]) { end = index(before: end) }
    return self[..<end]
  }
}

extension File {
  /// Writes a manifest with other inputs than its own, which are asked for one by one.
  ///
  /// - Throws: `SystemError`, and what `inputs` throws.
  package func write(
    _ manifest: Manifest,
    inputs: ((Manifest.Input) throws -> Void) throws -> Void
  ) throws {
    var held: [UInt8] = []
    func flush() throws {
      let bytes = held
      try write(bytes)
      held.removeAll(keepingCapacity: true)
    }
    let (head, tail) = manifest.encodedAroundInputs()
    held = head
    var isFirst = true
    try inputs { input in
      held += Manifest.line(input, isFirst: isFirst)
      isFirst = false
      if held.count >= 64 << 10 { try flush() }
    }
    held += tail
    try flush()
  }
}
