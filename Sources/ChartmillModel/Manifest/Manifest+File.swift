package import ChartmillSystem
internal import FoundationEssentials

extension Manifest {
  /// The encoding of the chart files.
  package var encoding: ChartEncoding {
    var encoding = ChartEncoding()
    encoding.format = chartFormat
    encoding.compresses = outputs.first?.name.hasSuffix(".gz") ?? false
    return encoding
  }

  /// The maximum number of bytes in a manifest without its inputs. Kept days and notices take a few
  /// hundred bytes per day, and each output lists its partitions.
  private static let maxBytes = 1 << 20
  /// The maximum number of bytes in the line of an input.
  private static let maxInputBytes = 64 << 10

  /// Reads a manifest from a file, and calls `onInput` with each of its inputs. The returned
  /// manifest has no inputs.
  ///
  /// Time: a few dozen microseconds per input. Memory: at most ten times `maxBytes`, whatever the
  /// file contains.
  ///
  /// - Throws: `ManifestError` if the file is not a manifest; `SystemError`.
  package static func read(
    _ path: String, onInput: (Input) -> Void
  ) throws -> Manifest {
    let file = try File.open(reading: path)
    // A fifo or a folder is not a manifest, and is not read.
    guard try file.status().isRegular else { throw ManifestError.malformed(key: "") }
    var lines = FileLines(file)
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
    // If another program has formatted the manifest, `rest` includes the inputs.
    for input in manifest.inputs { onInput(input) }
    manifest.inputs = []
    return manifest
  }

  /// Reads the manifest with that name in a folder; nil if there is none or it is malformed.
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

extension Collection {
  /// This collection without the longest suffix whose elements all satisfy `fits`.
  fileprivate func dropLast(while fits: (Element) -> Bool) -> SubSequence
  where Self: BidirectionalCollection {
    var end = endIndex
    while end > startIndex, fits(self[index(before: end)]) { end = index(before: end) }
    return self[..<end]
  }
}

extension File {
  /// Writes a manifest with inputs that are not held in memory.
  ///
  /// - Parameter inputs: calls the closure that it receives with each input.
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
